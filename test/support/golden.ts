import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as assert from 'uvu/assert'

/** Files of expected texts, in one folder below test/. `UPDATE_GOLDEN=1` (npm run golden) rewrites them. */
interface Golden {
  /** Compares a text with the file of that name. */
  matches(name: string, text: string): void
  /** Fails if no text was compared with a file of the folder. Call it last. */
  hasNoOther(): void
}

const update = process.env['UPDATE_GOLDEN'] === '1'

/** Returns the golden texts of one folder, such as `diagnostics/expected`. */
export function goldenFolder(folder: string): Golden {
  const root = join(import.meta.dirname, '..', folder)
  const seen = new Set<string>()
  return {
    matches(name, text) {
      const file = join(root, name)
      seen.add(name)
      if (update) {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
      }
      assert.ok(existsSync(file), `${folder}/${name} is missing: npm run golden, then read it`)
      assert.fixture(
        text,
        readFileSync(file, 'utf8'),
        `${folder}/${name} differs: npm run golden, then read the diff`,
      )
    },
    hasNoOther() {
      const others = readdirSync(root, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
        .filter(name => !seen.has(name))
      if (update) for (const name of others) rmSync(join(root, name))
      else assert.equal(others, [], `${folder} holds texts that no test expects`)
    },
  }
}
