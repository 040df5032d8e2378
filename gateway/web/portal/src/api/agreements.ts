/** The endpoints of a booking's agreements, for who has its private link. */
import type { Agreement, AgreementItem, SignatureGiven } from '@kit/agreements'
import type { Access } from '.'
import { client, ORIGIN } from './client'

const listPath = ({ id }: Access) => `bookings/${encodeURIComponent(id)}/agreements`
const path = (access: Access, agreementId: string) => `${listPath(access)}/${encodeURIComponent(agreementId)}`
const proof = ({ token }: Access) => ({ 'X-Manage-Token': token })

export const listAgreements = (access: Access) =>
  client.get<{ items: AgreementItem[] }>(listPath(access), { headers: proof(access) }).then(({ items }) => items)

/** Read an agreement; from then on it can be signed. */
export const readAgreement = (access: Access, agreementId: string) =>
  client.get<Agreement>(path(access, agreementId), { headers: proof(access) })

export const signAgreement = (access: Access, agreementId: string, body: SignatureGiven) =>
  client.post<Agreement>(`${path(access, agreementId)}/sign`, { body, headers: proof(access) })

/** Where its PDF is; a plain link, for browsers in apps save nothing that a script has made. */
export const paperUrl = (access: Access, agreementId: string) =>
  `${ORIGIN}/api/v1/${path(access, agreementId)}/pdf?token=${encodeURIComponent(access.token)}`
