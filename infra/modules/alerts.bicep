// What wakes somebody, and what each means is in docs/operations.md. A query has rows only when something is wrong.

@description('Beginning of the names of all rules.')
param prefix string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Who is told, by mail. Empty: the rules stand, and tell nobody.')
param email string

@description('Workspace that is asked.')
param workspaceId string

@description('The cache, and under which name its metrics are; empty without one.')
param redis {
  id: string
  metricNamespace: string
}

@description('The database server.')
param postgresId string

var lines = loadTextContent('../queries/lines.kql')

// Severities: 1 users are hit, 2 they will be, 3 somebody should know.
var queries = [
  {
    name: 'server-errors'
    title: 'Requests fail: more than 1 of 100 answered with 5xx'
    severity: 1
    window: 'PT15M'
    query: loadTextContent('../queries/server-errors.kql')
  }
  {
    name: 'conversations-not-written'
    title: 'Conversations have not been written to the database for 2 minutes'
    severity: 1
    window: 'PT15M'
    query: loadTextContent('../queries/conversations-not-written.kql')
  }
  {
    name: 'conversations-waiting'
    title: 'More than 100 conversations wait for the database'
    severity: 2
    window: 'PT15M'
    query: loadTextContent('../queries/conversations-waiting.kql')
  }
  {
    name: 'writeback-silent'
    title: 'The timer that writes conversations back has said nothing for 20 minutes'
    severity: 2
    window: 'PT30M'
    query: loadTextContent('../queries/writeback-silent.kql')
  }
  {
    name: 'job-failures'
    title: 'Jobs fail for a reason of the service'
    severity: 2
    window: 'PT15M'
    query: loadTextContent('../queries/job-failures.kql')
  }
  {
    name: 'poison-messages'
    title: 'A job was given up after five deliveries'
    severity: 2
    window: 'PT15M'
    query: loadTextContent('../queries/poison-messages.kql')
  }
  {
    name: 'errors'
    title: 'The service logs errors'
    severity: 3
    window: 'PT15M'
    query: loadTextContent('../queries/errors.kql')
  }
  {
    name: 'hot-tier-away'
    title: 'Conversations go on without Redis'
    severity: 3
    window: 'PT6H'
    query: loadTextContent('../queries/hot-tier-away.kql')
  }
  {
    name: 'redis-hit-rate'
    title: 'Redis finds less than 80 of 100 keys'
    severity: 3
    window: 'PT30M'
    query: loadTextContent('../queries/redis-hit-rate.kql')
  }
]

var redisMetrics = empty(redis.id)
  ? []
  : [
      {
        name: 'redis-memory'
        title: 'The memory of Redis is more than 80 % full'
        severity: 2
        scope: redis.id
        metricNamespace: redis.metricNamespace
        metricName: 'usedmemorypercentage'
        aggregation: 'Maximum'
        threshold: 80
      }
    ]

var metrics = concat(redisMetrics, [
  {
    name: 'postgres-storage'
    title: 'The disk of the database is more than 85 % full'
    severity: 2
    scope: postgresId
    metricNamespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metricName: 'storage_percent'
    aggregation: 'Maximum'
    threshold: 85
  }
  {
    name: 'postgres-cpu'
    title: 'The database has had no processor to spare for 15 minutes'
    severity: 2
    scope: postgresId
    metricNamespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metricName: 'cpu_percent'
    aggregation: 'Average'
    threshold: 90
  }
])

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: '${prefix}-people'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    // At most 12 characters.
    groupShortName: 'ret'
    emailReceivers: [
      {
        name: 'mail'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource queryRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in queries: {
    name: '${prefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.title
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      autoMitigate: true
      // Tables are there only once something was sent to them, which is after this.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: '${lines}\n${rule.query}'
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(email) ? [] : [people.id]
      }
    }
  }
]

resource metricRules 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for rule in metrics: {
    name: '${prefix}-${rule.name}'
    location: 'global'
    tags: tags
    properties: {
      description: rule.title
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.name
            metricNamespace: rule.metricNamespace
            metricName: rule.metricName
            timeAggregation: rule.aggregation
            operator: 'GreaterThan'
            threshold: rule.threshold
          }
        ]
      }
      actions: empty(email) ? [] : [{ actionGroupId: people.id }]
    }
  }
]
