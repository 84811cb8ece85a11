/** The folder that an environment is built in, from the path of its mesh.yaml: `spec/prod/mesh.yaml` is built in `out/prod`. */
export const locateOutput = (entry: string): string =>
  entry.replace(/^spec\//, 'out/').replace(/\/[^/]*$/, '')
