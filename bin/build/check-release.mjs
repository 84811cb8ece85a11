// Refuses to publish what is not the version of its tag, or is not named after the owner of the repository that builds it.
// `node bin/build/check-release.mjs v0.1.0 octo-org/meshc`
import { readFileSync } from 'node:fs'

const [tag = '', repository = ''] = process.argv.slice(2)
const {
  name,
  version,
  repository: own,
} = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const [owner = ''] = repository.split('/')
const expected = {
  name: `@${owner.toLowerCase()}/meshc`,
  repository: `git+https://github.com/${repository}.git`,
  tag: `v${version}`,
}
const wrong = [
  ...(name === expected.name ? [] : [`package.json calls the package ${name}, not ${expected.name}`]),
  ...(own.url === expected.repository
    ? []
    : [`package.json says that it is built from ${own.url}, not ${expected.repository}`]),
  ...(tag === expected.tag ? [] : [`the tag is ${tag}, not ${expected.tag}`]),
]
for (const fault of wrong) console.error(fault)
process.exitCode = wrong.length === 0 ? 0 : 1
