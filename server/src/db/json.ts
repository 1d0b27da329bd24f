/** What a jsonb column gives back. It is written as text made by `JSON.stringify`, which both drivers send unchanged. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }
