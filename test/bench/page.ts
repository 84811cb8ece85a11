import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { findChromium } from '../../bin/build/derive/chromium.ts'
import { benchServices, benchSpec } from './mesh.ts'

/**
 * `npm run bench:page [-- SIZE…]`: measures the page of `meshc map` in Chromium, for meshes of many services.
 * Prints medians of several runs: the size of the page, the time from the start of its navigation to the
 * first picture, and the time from a click to the second frame after it. The click unfolds one room, or all
 * rooms. Without Chromium, only the sizes are measured.
 */
const runs = 5
const usualSizes = [1000, 5000]
const dist = join(import.meta.dirname, '../../dist')
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env

/** A script that gives the milliseconds from the start of the navigation to the first picture. */
const getFirstPaint = `new Promise(resolve => {
  new PerformanceObserver(list => {
    for (const { name, startTime } of list.getEntries())
      if (name === 'first-contentful-paint') resolve(startTime)
  }).observe({ type: 'paint', buffered: true })
})`

/** Makes a script that clicks the first button of a name, and gives the milliseconds to the second frame after it. */
const makeClick = (name: RegExp) => `new Promise(resolve => {
  const buttons = [...document.querySelectorAll('button, [role=button]')]
  const target = buttons.find(button => ${name}.test(button.getAttribute('aria-label') ?? button.textContent))
  const start = performance.now()
  target.dispatchEvent(new MouseEvent('click', { bubbles: true }))
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)))
})`

const sizes = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'meshc-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const bundle = ['map-page.js', 'map-page.css'].map(name => statSync(join(dist, name)).size)
console.log(`page without a mesh: ${toKilobytes(bundle.reduce((sum, size) => sum + size, 0))} kB`)

const program = findChromium()
if (program === undefined)
  console.log('pictures in Chromium are left out: there is none at a usual place or in CHROMIUM')
console.log(row(['services', 'page kB', 'picture ms', 'unfold one ms', 'unfold all ms']))
const browser =
  program === undefined
    ? undefined
    : await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
for (const size of sizes.length > 0 ? sizes : usualSizes) {
  const file = drawMesh(size)
  const figures = browser === undefined ? ['', '', ''] : await measure(browser, file)
  console.log(row([size, toKilobytes(statSync(file).size), ...figures]))
}
await browser?.close()

/** Draws a mesh with this number of services, and returns the file of its page. */
function drawMesh(size: number): string {
  const project = join(folder, String(size))
  mkdirSync(join(project, 'spec/bench'), { recursive: true })
  writeFileSync(join(project, 'spec/bench/mesh.yaml'), benchSpec(benchServices(size)))
  const file = join(project, 'mesh.html')
  const words = ['map', '--env', 'bench', '--project', project, '--output', file]
  const { status, stderr } = spawnSync(process.execPath, [join(dist, 'meshc.cjs'), ...words], {
    env: environment,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`meshc map failed:\n${stderr}`)
  return file
}

/**
 * Measures the first picture, the click that unfolds a room, and the click that unfolds all rooms, each in a
 * new tab.
 */
async function measure(browser: Browser, file: string): Promise<readonly number[]> {
  const measured: (readonly number[])[] = []
  for (let run = 0; run < runs; run++) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(pathToFileURL(file).href)
    const picture = await page.evaluate<number>(getFirstPaint)
    const unfolding = await page.evaluate<number>(makeClick(/^namespace .*, unfold$/))
    const unfoldingAll = await page.evaluate<number>(makeClick(/^Unfold all$/))
    measured.push([picture, unfolding, unfoldingAll])
    await page.close()
  }
  return [0, 1, 2].map(figure => median(measured.map(figures => figures[figure]!)))
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!)
}

function toKilobytes(bytes: number): number {
  return Math.round(bytes / 1000)
}

function row(cells: readonly (string | number)[]): string {
  return cells.map(cell => String(cell).padStart(13)).join(' ')
}
