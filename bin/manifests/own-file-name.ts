/** The name of the file beside manifests that says what their reviews let pass and expect. */
export const ownFileName = 'meshc.yaml'
