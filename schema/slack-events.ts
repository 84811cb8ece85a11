/** What a Slack channel can hear of an environment. */
export const slackEvents = ['failed', 'degraded', 'unknown', 'waiting', 'deployed'] as const
export type SlackEvent = (typeof slackEvents)[number]
