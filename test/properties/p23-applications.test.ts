import * as assert from 'uvu/assert'
import type { ApplicationSpec } from '../../schema/generated/application.ts'
import { getOutput } from '../support/built-from.ts'
import { getDeclaredPlane, getRevisionWord, listDeclaredPlanes } from '../support/control-planes.ts'
import {
  type ArgocdObject,
  findArgocd,
  getHelmValues,
  getKustomization,
  syncedObjects,
} from '../support/output.ts'
import { property } from '../support/property.ts'

/**
 * P23. Argo CD installs the whole environment from its Applications, and may write exactly these objects. It
 * reads no other files from a repository that other teams can write to.
 */
property(
  23,
  'every Application is complete, and its AppProject allows what it delivers and nothing else',
  [
    'an environment that is delivered',
    'one without a repository',
    'one that Argo CD has no part in',
    'a gateway',
    'a CNI plugin',
    'a named revision',
    'two control planes',
    'a cluster by its name',
    'one of several clusters',
    'a registry of charts',
    'a folder of the repository',
    'an object without a namespace',
  ],
  (compilation, { spec, root, gateways: entrances, exits, crossings }, saw) => {
    const gateways = [...entrances, ...exits, ...crossings]
    const delivery = spec.delivery ?? {}
    const { repository, outputs = ['argocd'] } = delivery
    const argocd = findArgocd(compilation)
    if (repository === undefined || !outputs.includes('argocd')) {
      assert.is(argocd, undefined, 'the spec has no outputs for Argo CD, or no repository')
      saw(repository === undefined ? 'one without a repository' : 'one that Argo CD has no part in')
      return
    }
    assert.ok(argocd, 'Argo CD is told')
    saw('an environment that is delivered')
    const { projects, applications } = argocd
    const namespace = delivery.argocd?.namespace ?? 'argocd'
    for (const { namespace: objectNamespace } of [...projects, ...applications])
      assert.is(objectNamespace, namespace)

    const named = new Map(applications.map(application => [application.name, application]))
    assert.is(named.size, applications.length, 'no two Applications have one name')
    const [manifests, ...charts] = [...applications].sort((a, b) => wave(b) - wave(a))
    assert.ok(manifests)

    const name = compilation.mesh.cluster?.name.value ?? ''
    const here = spec.clusters?.[name]
    // The Applications of the manifests in git.
    const { source, destination } = manifests.spec
    assert.equal(source, {
      repoURL: repository,
      targetRevision: here?.revision ?? delivery.revision ?? 'main',
      path: [
        ...(delivery.path === undefined ? [] : [delivery.path]),
        `${getOutput(compilation)}/manifests`,
      ].join('/'),
      directory: {
        recurse: true,
        include: `{${getKustomization(compilation)
          .resources.map(path => path.slice('manifests/'.length))
          .toSorted()
          .join(',')}}`,
      },
    })
    if (delivery.path !== undefined) saw('a folder of the repository')
    const cluster =
      spec.clusters === undefined
        ? (delivery.cluster ?? 'https://kubernetes.default.svc')
        : (here?.destination ?? name)
    if (spec.clusters !== undefined) saw('one of several clusters')
    const where = (namespace: string) => ({
      ...(cluster.startsWith('https:') ? { server: cluster } : { name: cluster }),
      namespace,
    })
    assert.equal(destination, where(root))
    if ('name' in destination) saw('a cluster by its name')

    const project = projects.find(({ name }) => name === manifests.spec.project)
    assert.ok(project, `the AppProject ${manifests.spec.project} is there`)
    const objects = syncedObjects(compilation)
    const inNamespaces = objects.filter(({ namespace }) => namespace !== undefined)
    const inNone = objects.filter(({ namespace }) => namespace === undefined)
    assert.equal(project.spec.sourceRepos, [repository])
    assert.equal(
      sorted(project.spec.destinations),
      sorted(inNamespaces.map(({ namespace }) => where(namespace!))),
    )
    assert.equal(
      sorted(project.spec.namespaceResourceWhitelist),
      sorted(inNamespaces.map(({ group, kind }) => ({ group, kind }))),
      'exactly the kinds that are there',
    )
    assert.equal(
      sorted(project.spec.clusterResourceWhitelist),
      sorted(inNone.map(({ group, kind, name }) => ({ group, kind, name }))),
      'exactly the objects that have no namespace',
    )
    if (inNone.length > 0) saw('an object without a namespace')

    // The Applications of the charts.
    const { charts: repositoryOfCharts } = spec.istio ?? {}
    const planes = listDeclaredPlanes(spec)
    const { version } = getDeclaredPlane(spec)
    const newest = planes
      .map(plane => plane.version)
      .sort()
      .at(-1)!
    if (planes[0]!.revision !== undefined) saw('a named revision')
    if (planes.length > 1) saw('two control planes')
    if (repositoryOfCharts?.startsWith('oci:')) saw('a registry of charts')
    const values = getHelmValues(compilation)
    const expected = [
      { chart: 'base', release: 'istio-base', version: newest, namespace: root, values: values.base },
      ...planes.map(({ revision, version, suffix }) => ({
        chart: 'istiod',
        release: revision === undefined ? 'istiod' : `istiod-${revision}`,
        version,
        namespace: root,
        values: getHelmValues(compilation, suffix).istiod,
      })),
      ...(spec.istio?.cni === 'on'
        ? [{ chart: 'cni', release: 'istio-cni', version, namespace: root, values: values.cni() }]
        : []),
      ...gateways.flatMap(({ workload, namespace }) =>
        workload === undefined
          ? []
          : {
              chart: 'gateway',
              release: workload,
              version: getDeclaredPlane(spec, getRevisionWord(spec, namespace)).version,
              namespace,
              values: values.gateway(workload),
            },
      ),
    ]
    if (gateways.length > 0) saw('a gateway')
    if (spec.istio?.cni === 'on') saw('a CNI plugin')
    const repositoryRead = (
      repositoryOfCharts ?? 'https://istio-release.storage.googleapis.com/charts'
    ).replace('oci://', '')
    assert.equal(
      sorted(charts.map(({ spec }) => ({ source: spec.source, destination: spec.destination }))),
      sorted(
        expected.map(({ chart, release, version, namespace, values }) => ({
          source: {
            repoURL: repositoryRead,
            chart,
            targetRevision: version,
            helm: { releaseName: release, valuesObject: values },
          },
          destination: where(namespace),
        })),
      ),
      'each chart is installed once, as Helm would',
    )
    const [controlPlane, ...argocdObjects] = projects.filter(argocdObject => argocdObject !== project)
    assert.ok(controlPlane && argocdObjects.length === 0)
    assert.equal(controlPlane.spec.sourceRepos, [repositoryRead])
    assert.equal(
      sorted(controlPlane.spec.destinations),
      sorted(expected.map(({ namespace }) => where(namespace))),
    )
    for (const { spec } of charts) assert.is(spec.project, controlPlane.name)

    // The Applications sync in this order: each group waits for the groups before it.
    const listWaves = (chart: ApplicationSpec['source']['chart']) =>
      charts.filter(({ spec }) => spec.source.chart === chart).map(wave)
    const order = [listWaves('base'), listWaves('istiod'), listWaves('gateway'), [wave(manifests)]]
    for (const [index, here] of order.entries())
      for (const earlier of order.slice(0, index).flat())
        assert.ok(here.every(position => position > earlier))
    for (const { wave } of projects.map(project => ({ wave: getWave(project.annotations) })))
      assert.ok(wave < Math.min(...order.flat()), 'a project is there before its Applications')
  },
)

const getWave = (annotations: Readonly<Record<string, string>>) =>
  Number(annotations['argocd.argoproj.io/sync-wave'])
const wave = ({ annotations }: ArgocdObject<unknown>) => getWave(annotations)

/** Returns each value once, sorted by its text, with sorted fields. */
const sorted = (values: readonly object[]) => [...new Set(values.map(canonical))].sort()

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
