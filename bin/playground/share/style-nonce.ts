/** The nonce of the styles that the editor adds to a page. Scripts have no nonce. */
export const styleNonce = 'meshc-editor'
