/** Why a start was refused, where it is not simply that somebody else has it. */
import type { ApiProblem } from '../api/client'

export const takenReason = (problem: ApiProblem) => (problem.code === 'scheduling.slot_taken' ? '' : problem.message)
