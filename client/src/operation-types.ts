import type { operations } from './generated/types.ts'

export type OperationId = keyof operations

type Success = 200 | 201 | 202 | 203 | 204 | 205 | 206
type JsonOf<Response> = Response extends { content: { 'application/json': infer Json } } ? Json : never
type CodeOf<Body> = Body extends { code: infer Code extends string } ? Code : never

/** The JSON that the operation gives. */
export type Data<Id extends OperationId> = {
  [Status in keyof operations[Id]['responses']]: Status extends Success
    ? JsonOf<operations[Id]['responses'][Status]>
    : never
}[keyof operations[Id]['responses']]

/** The JSON that the operation takes. */
export type Body<Id extends OperationId> = JsonOf<NonNullable<operations[Id]['requestBody']>>

export type Query<Id extends OperationId> = NonNullable<operations[Id]['parameters']['query']>

/** One id in the operation's path. */
export type PathId<Id extends OperationId, Name extends string> = operations[Id]['parameters'] extends {
  path: { [Key in Name]: infer Value }
}
  ? Value
  : never

/** Every error code that the operation declares. */
export type Codes<Id extends OperationId> = {
  [Status in keyof operations[Id]['responses']]: Status extends Success
    ? never
    : CodeOf<JsonOf<operations[Id]['responses'][Status]>>
}[keyof operations[Id]['responses']]
