/** See page.mjs. */
export declare function buildPage(
  root: string,
  entry: string,
): Promise<{ readonly script: string; readonly style: string; readonly inputs: readonly string[] }>
