import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { at, listAt } from '../support/at.ts'
import { findArgocd } from '../support/output.ts'
import { property } from '../support/property.ts'

const subscription = /^notifications\.argoproj\.io\/subscribe\.([^.]+)\.([^.]+)$/

/** The events of a change, each with the revision that it reports. */
const changes: Readonly<Record<string, string>> = {
  waiting: 'app.status?.sync?.revision',
  deployed: 'app.status?.operationState?.syncResult?.revision',
}

/**
 * P24. Each event of a channel has a trigger and a template, so every name in the configuration refers to an
 * entry.
 */
property(
  24,
  'every subscription leads to a trigger, each trigger to templates, and all to a service that has its token',
  [
    'a channel',
    'an environment without a channel',
    'events as declared',
    'an environment that a person syncs',
    'one that is synced by itself',
  ],
  (compilation, { spec }, saw) => {
    const argocd = findArgocd(compilation)
    if (argocd === undefined) return
    const { projects, applications, notifications } = argocd
    const { slack, sync = 'manual', argocd: installation } = spec.delivery ?? {}
    const subscribed = [...projects, ...applications].flatMap(({ name, annotations }) =>
      Object.entries(annotations).flatMap(([key, recipient]) => {
        const [, trigger, service] = subscription.exec(key) ?? []
        return trigger === undefined ? [] : [{ name, trigger, service, recipient }]
      }),
    )
    if (slack?.channel === undefined) {
      assert.equal(notifications, {}, 'nothing is told')
      assert.equal(subscribed, [])
      saw('an environment without a channel')
      return
    }
    saw('a channel')

    const texts = Object.entries(notifications).map(([key, text]) => {
      const [, sort, name] = /^(service|trigger|template)\.(.+)$/.exec(key) ?? []
      assert.ok(sort !== undefined && name !== undefined, `Argo CD reads \`${key}\``)
      return { sort, name, value: parse(text, { version: '1.1' }) as unknown }
    })
    const named = (sort: string) =>
      new Map(texts.filter(text => text.sort === sort).map(({ name, value }) => [name, value]))
    const [services, triggers, templates] = [named('service'), named('trigger'), named('template')]

    for (const { trigger, service, recipient } of subscribed) {
      assert.ok(triggers.has(trigger!), `the trigger ${trigger} is there`)
      assert.ok(services.has(service!), `the service ${service} is there`)
      assert.is(recipient, slack.channel)
    }
    const sent = new Set<unknown>()
    for (const [name, conditions] of triggers) {
      assert.ok(listAt(conditions).length > 0, `${name} has a condition`)
      for (const condition of listAt(conditions)) {
        for (const field of ['when', 'description'])
          assert.type(at(condition, field), 'string', `${name} says ${field}`)
        // A change is sent once. A failure is sent each time, for any revision.
        const revision = changes[name.replace('on-mesh-', '')]
        assert.is(at(condition, 'oncePer'), revision, name)
        assert.ok(listAt(condition, 'send').length > 0, `${name} sends something`)
        for (const template of listAt(condition, 'send')) {
          assert.ok(templates.has(String(template)), `the template ${template} is there`)
          sent.add(template)
        }
      }
    }
    assert.equal([...templates.keys()].sort(), [...sent].sort(), 'no template is never sent')
    for (const [name, template] of templates) {
      assert.type(at(template, 'message'), 'string', name)
      const [attachment] = JSON.parse(String(at(template, 'slack', 'attachments')))
      const link = installation?.url?.replace(/\/$/, '')
      assert.is(attachment.title_link, link && `${link}/applications/{{.app.metadata.name}}`)
    }
    // The Secret `argocd-notifications-secret` has the token. The committed files have only the name of its
    // key.
    assert.equal([...services], [['slack', { token: '$slack-token' }]])

    const expected =
      slack.events ??
      (sync === 'manual' ? ['failed', 'degraded', 'unknown', 'waiting', 'deployed'] : ['failed', 'degraded'])
    if (slack.events !== undefined) saw('events as declared')
    else saw(sync === 'manual' ? 'an environment that a person syncs' : 'one that is synced by itself')
    for (const { name } of projects)
      assert.equal(
        subscribed.filter(givenSubscription => givenSubscription.name === name).map(({ trigger }) => trigger),
        expected.map(event => `on-mesh-${event}`),
        `the notifications of ${name}`,
      )
    const projectsOf = new Set(applications.map(({ spec }) => spec.project))
    assert.ok([...projectsOf].every(project => projects.some(({ name }) => name === project)))
  },
)
