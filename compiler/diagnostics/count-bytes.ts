const encoder = new TextEncoder()

/** The bytes of a text in UTF-8. Browsers have no `Buffer`. */
export const countBytes = (text: string): number => encoder.encode(text).length
