/** The nonce of the styles that the editor adds to a page. Scripts have none. */
export const styleNonce = 'meshc-editor'
