// Every address of the desk. Pages get their parameters as props, so that a page being left does not answer
// to the next address.

import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'
import { one } from './address'

const text = (route: RouteLocationNormalized, name: string) => String(route.params[name] ?? '')
const scope = (route: RouteLocationNormalized) => ({
  org: one(route.query, 'org'),
  period: one(route.query, 'period'),
  asOf: one(route.query, 'as_of'),
  own: one(route.query, 'own') === 'true',
})

const admin: RouteRecordRaw[] = [
  ['organisations', () => import('./pages/admin/Organisations.vue')] as const,
  ['people', () => import('./pages/admin/People.vue')] as const,
  ['accounts', () => import('./pages/admin/Accounts.vue')] as const,
  ['grants', () => import('./pages/admin/Grants.vue')] as const,
  ['proposals', () => import('./pages/admin/Proposals.vue')] as const,
  ['access', () => import('./pages/admin/Access.vue')] as const,
].map(([name, component]) => ({
  path: '/admin/' + name,
  name: 'admin-' + name,
  component,
  props: (route: RouteLocationNormalized) => ({ query: { ...route.query } }),
}))

// names of products and numbers of reports hold anything: they stand in the query
const asked = (route: RouteLocationNormalized) => ({ query: { ...route.query } })
const named = (names: string[]) => (route: RouteLocationNormalized) =>
  Object.fromEntries(names.map((name) => [name, one(route.query, name) ?? '']))
const vigilance: RouteRecordRaw[] = [
  {
    path: '/vigilance',
    name: 'vigilance',
    component: () => import('./pages/vigilance/Signals.vue'),
    props: asked,
  },
  {
    path: '/vigilance/pair',
    name: 'vigilance-pair',
    component: () => import('./pages/vigilance/Signal.vue'),
    props: named(['product', 'reaction', 'kind', 'level', 'reactions']),
    meta: { marked: true },
  },
  {
    path: '/vigilance/clusters',
    name: 'vigilance-clusters',
    component: () => import('./pages/vigilance/Clusters.vue'),
    props: asked,
  },
  {
    path: '/vigilance/cluster',
    name: 'vigilance-cluster',
    component: () => import('./pages/vigilance/Cluster.vue'),
    props: named(['id']),
    meta: { marked: true },
  },
  {
    path: '/vigilance/reports',
    name: 'vigilance-reports',
    component: () => import('./pages/vigilance/Reports.vue'),
    props: asked,
  },
  {
    path: '/vigilance/report',
    name: 'vigilance-report',
    component: () => import('./pages/vigilance/SafetyReport.vue'),
    props: named(['number']),
    meta: { marked: true },
  },
  {
    path: '/vigilance/duplicates',
    name: 'vigilance-duplicates',
    component: () => import('./pages/vigilance/Duplicates.vue'),
    props: asked,
    meta: { marked: true },
  },
  {
    path: '/vigilance/sentinels',
    name: 'vigilance-sentinels',
    component: () => import('./pages/vigilance/Sentinels.vue'),
  },
  {
    path: '/vigilance/imports',
    name: 'vigilance-imports',
    component: () => import('./pages/vigilance/Imports.vue'),
  },
]

const planning: RouteRecordRaw[] = [
  { path: '/draws', name: 'draws', component: () => import('./pages/plan/Draws.vue') },
  { path: '/draws/plan', name: 'draw-plan', component: () => import('./pages/plan/DrawPlan.vue') },
  {
    path: '/draws/:id',
    name: 'draw',
    component: () => import('./pages/plan/Draw.vue'),
    props: true,
    meta: { marked: true },
  },
  {
    path: '/inspectors',
    name: 'inspectors',
    component: () => import('./pages/plan/Inspectors.vue'),
    props: (route) => ({ org: one(route.query, 'org') }),
  },
  {
    path: '/estimates',
    name: 'estimates',
    component: () => import('./pages/plan/Estimates.vue'),
    props: (route) => ({ org: one(route.query, 'org'), from: one(route.query, 'from'), to: one(route.query, 'to') }),
  },
  { path: '/conferences', name: 'conferences', component: () => import('./pages/plan/Conferences.vue') },
  {
    path: '/conferences/:id',
    name: 'conference',
    component: () => import('./pages/plan/Conference.vue'),
    props: (route) => ({ id: text(route, 'id'), item: one(route.query, 'item') }),
    meta: { marked: true },
  },
]

const risk: RouteRecordRaw[] = (
  [
    ['/focus', 'focus', () => import('./pages/risk/Focus.vue')],
    ['/focus/changes', 'focus-changes', () => import('./pages/risk/Changes.vue')],
    ['/focus/rates', 'focus-rates', () => import('./pages/risk/Rates.vue')],
    ['/risk', 'risk', () => import('./pages/risk/Risk.vue')],
    ['/risk/evaluation', 'risk-evaluation', () => import('./pages/risk/Evaluation.vue')],
    ['/risk/groups', 'risk-groups', () => import('./pages/risk/Groups.vue')],
    ['/credit', 'credit', () => import('./pages/risk/Credit.vue')],
    ['/credit/rules', 'credit-rules', () => import('./pages/risk/CreditRules.vue')],
    ['/register', 'register', () => import('./pages/risk/Register.vue')],
  ] as const
).map(([path, name, component]) => ({ path, name, component, props: asked, meta: { marked: true } }))
risk.push(
  {
    path: '/credit/:id',
    name: 'credit-of',
    component: () => import('./pages/risk/CreditOf.vue'),
    props: true,
    meta: { marked: true },
  },
  {
    path: '/register/:id',
    name: 'register-item',
    component: () => import('./pages/risk/RegisterItem.vue'),
    props: true,
    meta: { marked: true },
  },
)

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/',
      name: 'today',
      component: () => import('./pages/Today.vue'),
      props: (route) => ({ org: one(route.query, 'org') }),
    },
    {
      path: '/reports',
      name: 'reports',
      component: () => import('./pages/Reports.vue'),
      props: (route) => ({ org: one(route.query, 'org') }),
    },
    {
      path: '/reports/:report',
      name: 'report',
      component: () => import('./pages/Report.vue'),
      props: (route) => ({
        report: text(route, 'report'),
        scope: one(route.query, 'scope'),
        ...scope(route),
      }),
    },
    {
      path: '/reports/:report/figures/:figure',
      name: 'members',
      component: () => import('./pages/Members.vue'),
      props: (route) => ({
        report: text(route, 'report'),
        figure: text(route, 'figure'),
        cursor: one(route.query, 'cursor'),
        ...scope(route),
      }),
    },
    {
      path: '/dossiers',
      name: 'dossiers',
      component: () => import('./pages/Dossiers.vue'),
      props: (route) => ({ query: { ...route.query } }),
    },
    {
      path: '/dossiers/:id',
      name: 'dossier',
      component: () => import('./pages/Dossier.vue'),
      props: true,
      meta: { marked: true },
    },
    {
      path: '/cases/:id',
      name: 'case',
      component: () => import('./pages/case/Case.vue'),
      props: true,
      meta: { marked: true },
    },
    {
      path: '/approvals/:id/:proposal',
      name: 'approval',
      component: () => import('./pages/case/Approval.vue'),
      props: true,
      meta: { marked: true },
    },
    { path: '/leads', name: 'leads', component: () => import('./pages/case/Leads.vue'), meta: { marked: true } },
    {
      path: '/referrals',
      name: 'referrals',
      component: () => import('./pages/case/Referrals.vue'),
      props: (route) => ({ only: one(route.query, 'id') }),
      meta: { marked: true },
    },
    {
      path: '/publicity',
      name: 'publicity',
      component: () => import('./pages/case/Publicity.vue'),
      meta: { marked: true },
    },
    {
      path: '/operators',
      name: 'operators',
      component: () => import('./pages/Operators.vue'),
      props: (route) => ({ query: { ...route.query } }),
    },
    {
      path: '/operators/:id',
      name: 'operator',
      component: () => import('./pages/Operator.vue'),
      props: true,
      meta: { marked: true },
    },
    {
      path: '/trace',
      name: 'trace',
      component: () => import('./pages/trace/Trace.vue'),
      props: (route) => ({ org: one(route.query, 'org') }),
    },
    {
      path: '/trace/findings',
      name: 'trace-findings',
      component: () => import('./pages/trace/Findings.vue'),
      props: (route) => ({ query: { ...route.query } }),
    },
    {
      // codes hold dots, slashes and brackets: they stand in the query
      path: '/trace/pack',
      name: 'trace-pack',
      component: () => import('./pages/trace/Pack.vue'),
      props: (route) => ({ code: one(route.query, 'code') ?? '', finding: one(route.query, 'finding') }),
      meta: { marked: true },
    },
    {
      path: '/trace/batch',
      name: 'trace-batch',
      component: () => import('./pages/trace/Batch.vue'),
      props: (route) => ({ id: one(route.query, 'id') ?? '' }),
      meta: { marked: true },
    },
    { path: '/trace/rules', name: 'trace-rules', component: () => import('./pages/trace/Rules.vue') },
    { path: '/trace/files', name: 'trace-files', component: () => import('./pages/trace/Files.vue') },
    {
      path: '/trace/files/:seq(\\d+)',
      name: 'trace-file',
      component: () => import('./pages/trace/File.vue'),
      props: true,
    },
    ...vigilance,
    ...planning,
    ...risk,
    {
      path: '/compare',
      name: 'compare',
      component: () => import('./pages/Compare.vue'),
      props: (route) => ({ figure: one(route.query, 'figure'), ...scope(route) }),
    },
    { path: '/notices', name: 'notices', component: () => import('./pages/Notices.vue') },
    { path: '/account', name: 'account', component: () => import('./pages/Account.vue') },
    { path: '/gallery', name: 'gallery', component: () => import('./pages/Gallery.vue') },
    ...admin,
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('./pages/SignIn.vue'),
      props: (route) => ({ to: one(route.query, 'to'), failed: one(route.query, 'failed') }),
      meta: { door: true },
    },
    { path: '/set-up', name: 'set-up', component: () => import('./pages/SetUp.vue'), meta: { door: true } },
    { path: '/journal', name: 'journal', component: () => import('./pages/Journal.vue') },
    {
      path: '/journal/:seq(\\d+)',
      name: 'fact',
      component: () => import('./pages/Fact.vue'),
      props: (route) => ({ seq: Number(text(route, 'seq')) }),
    },
    {
      // ids of limits hold a dot, and a path with a dot is a file to the server
      path: '/law/limits',
      name: 'limit',
      component: () => import('./pages/Limit.vue'),
      props: (route) => ({ id: one(route.query, 'id') ?? '' }),
    },
    {
      path: '/law/procedures/:id',
      name: 'procedure',
      component: () => import('./pages/Procedure.vue'),
      props: true,
    },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/Missing.vue') },
  ],
  scrollBehavior: (to, from, saved) =>
    saved ?? (to.path === from.path && to.query['cursor'] === from.query['cursor'] ? {} : { top: 0 }),
})
