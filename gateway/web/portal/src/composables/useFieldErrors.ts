/** What is wrong with the fields of a form: found here once they were left, or told by the server. */
import { reactive } from 'vue'
import type { ApiProblem } from '../api/client'
import { t, type Key } from '../i18n'

type Some<Field extends string, Value> = Partial<Record<Field, Value>>

export function useFieldErrors<Field extends string>(
  errors: () => Some<Field, Key>,
  /** Where the server's JSON pointers show up in the form. */
  fieldOfPointer: Record<string, Field>,
) {
  const touched = reactive({}) as Some<Field, boolean>
  const refused = reactive({}) as Some<Field, string>

  function messageOf(field: Field): string {
    const own = errors()[field]
    return own && touched[field] ? t(own) : (refused[field] ?? '')
  }

  const touch = (...fields: Field[]) => fields.forEach((field) => (touched[field] = true))

  const forget = (field: Field) => {
    delete refused[field]
  }

  /** Put what the server refused at its fields; false when something of it has no field. */
  function place({ errors: told }: ApiProblem): boolean {
    for (const { pointer, message } of told) {
      const field = fieldOfPointer[pointer]
      if (field) refused[field] = message
    }
    return told.length > 0 && told.every(({ pointer }) => fieldOfPointer[pointer])
  }

  return { touched, messageOf, touch, forget, place }
}
