/** The name of the file beside manifests with the waivers and expectations of their reviews. */
export const ownFileName = 'meshc.yaml'
