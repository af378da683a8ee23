// The pages a person may go to, for the rail and the palette: what the session may not read is not listed.

import { t } from './language'
import { may, meta, type Policy } from './session'

export interface PageLink {
  to: string
  name: string
  group: 'work' | 'desks' | 'registry' | 'analysis' | 'publish' | 'admin' | 'own'
  names: string[] // of the routes it stands for
}

interface Known {
  to: () => string
  name: Parameters<typeof t>[0]
  group: PageLink['group']
  needs?: Policy[]
  names: string[]
}
const known: Known[] = [
  { to: () => '/', name: 'today.rail', group: 'work', names: ['today'] },
  {
    to: () => '/dossiers',
    name: 'rail.all',
    group: 'work',
    needs: ['dossier_list'],
    names: ['dossiers', 'dossier', 'case'],
  },
  { to: () => '/leads', name: 'leads.rail', group: 'desks', needs: ['dossier_step'], names: ['leads'] },
  {
    to: () => '/referrals',
    name: 'referrals.rail',
    group: 'desks',
    needs: ['dossier_step'],
    names: ['referrals'],
  },
  {
    to: () => '/publicity',
    name: 'publicity.rail',
    group: 'desks',
    needs: ['dossier_step'],
    names: ['publicity'],
  },
  {
    to: () => '/operators',
    name: 'operators.title',
    group: 'registry',
    needs: ['registry_list'],
    names: ['operators', 'operator'],
  },
  {
    to: () => '/credit',
    name: 'rk.credit_rail',
    group: 'registry',
    needs: ['credit_list'],
    names: ['credit', 'credit-rules', 'credit-of'],
  },
  {
    to: () => '/trace',
    name: 'trace.rail',
    group: 'registry',
    needs: ['registry_list'],
    names: [
      'trace',
      'trace-findings',
      'trace-pack',
      'trace-batch',
      'trace-rules',
      'trace-files',
      'trace-file',
    ],
  },
  {
    to: () => '/focus',
    name: 'rk.focus_rail',
    group: 'analysis',
    needs: ['risk_list'],
    names: ['focus', 'focus-changes', 'focus-rates', 'risk', 'risk-evaluation', 'risk-groups'],
  },
  {
    to: () => '/register',
    name: 'rk.register_rail',
    group: 'analysis',
    needs: ['dossier_list'],
    names: ['register', 'register-item'],
  },
  {
    to: () => '/vigilance',
    name: 'vg.rail',
    group: 'analysis',
    needs: ['signal_list'],
    names: ['vigilance', 'vigilance-pair', 'vigilance-duplicates', 'vigilance-sentinels', 'vigilance-imports'],
  },
  {
    to: () => '/vigilance/clusters',
    name: 'vg.clusters_rail',
    group: 'analysis',
    needs: ['signal_list'],
    names: ['vigilance-clusters', 'vigilance-cluster'],
  },
  {
    to: () => '/vigilance/reports',
    name: 'vg.reports_rail',
    group: 'analysis',
    needs: ['safety_report_list'],
    names: ['vigilance-reports', 'vigilance-report'],
  },
  {
    to: () => '/draws',
    name: 'plan.draws_rail',
    group: 'analysis',
    needs: ['plan_list'],
    names: ['draws', 'draw', 'draw-plan', 'inspectors', 'estimates'],
  },
  {
    to: () => '/conferences',
    name: 'conf.rail',
    group: 'analysis',
    needs: ['plan_list'],
    names: ['conferences', 'conference'],
  },
  {
    to: () => `/reports/${meta.value?.default_report ?? ''}`,
    name: 'report.rail',
    group: 'analysis',
    needs: ['figure_read'],
    names: ['report', 'reports', 'members'],
  },
  {
    to: () => '/compare',
    name: 'compare.rail',
    group: 'analysis',
    needs: ['figure_read'],
    names: ['compare'],
  },
  {
    to: () => '/journal',
    name: 'journal.rail',
    group: 'publish',
    needs: ['record_read'],
    names: ['journal', 'fact'],
  },
  {
    to: () => '/admin/organisations',
    name: 'admin.organisations',
    group: 'admin',
    needs: ['organisation_change'],
    names: ['admin-organisations'],
  },
  {
    to: () => '/admin/people',
    name: 'admin.people',
    group: 'admin',
    needs: ['people_change', 'account_change'],
    names: ['admin-people'],
  },
  {
    to: () => '/admin/accounts',
    name: 'admin.accounts',
    group: 'admin',
    needs: ['account_read'],
    names: ['admin-accounts'],
  },
  {
    to: () => '/admin/grants',
    name: 'admin.grants',
    group: 'admin',
    needs: ['grant_propose', 'grant_decide'],
    names: ['admin-grants'],
  },
  {
    to: () => '/admin/proposals',
    name: 'admin.proposals',
    group: 'admin',
    needs: ['proposal_decide', 'people_change', 'grant_propose', 'grant_decide'],
    names: ['admin-proposals'],
  },
  {
    to: () => '/admin/access',
    name: 'admin.access',
    group: 'admin',
    needs: ['access_audit'],
    names: ['admin-access'],
  },
  { to: () => '/notices', name: 'notices.title', group: 'own', names: ['notices'] },
  { to: () => '/account', name: 'account.title', group: 'own', names: ['account'] },
]

export function links(): PageLink[] {
  return known
    .filter((one) => !one.needs || one.needs.some(may))
    .map((one) => ({ to: one.to(), name: t(one.name), group: one.group, names: one.names }))
}
