// What the pack routes answer. The types of /api/packs and /api/public/packs in one place, so that the generated client can
// take their place when src/api/openapi.json names these routes.

import type { Schemas } from './problem'

export interface PackOperator {
  id: string
  name: string
  /** manufacturer wholesaler chain_headquarters chain_store pharmacy hospital other */
  type: string
  /** code of the division it lies in */
  region: string
  /** who regulates it */
  organisation: string
}

export type Severity = 'critical' | 'major' | 'minor'
export type FindingStatus = 'provisional' | 'confirmed' | 'withdrawn'

export interface PackFinding {
  /** 1 to 14 for the numbered rules */
  number: number | null
  rule: string
  title: string
  severity: Severity
  /** event id, "event id/code" where the event was on a parent, the code, or the document */
  key: string
  status: FindingStatus
  operator: PackOperator
  other: PackOperator | null
  code: string | null
  document: string | null
  batch: string | null
  time: string
  first_seen: string
  /** provisional ones that rest on something not there: when the silent firm's grace ends */
  waits_until: string | null
  silent: PackOperator | null
  explanation: string
  next: string
  law: { citation: string; name: string }[]
  rule_version: string
  region: string
  region_name: string
  /** ids of the events it rests on, the earlier one first */
  evidence: string[]
  lead: string | null
}

export interface PackEvent {
  id: string
  action: string
  actor: PackOperator
  counterparty: PackOperator | null
  owner: PackOperator | null
  time: string
  uploaded: string
  batch: string | null
  document: string | null
  split: boolean
  /** the parent it happened to while this pack was inside */
  via_parent: string | null
  /** put behind its shipment although its clock says otherwise */
  moved_by_clock: boolean
}
export interface SupersededEvent extends PackEvent {
  reason: 'corrected' | 'sent_again'
}

/** A hand-over. `shipped` null: a receipt nobody confirms; `received` null: not received. */
export interface PackEdge {
  from: PackOperator
  to: PackOperator
  shipped: string | null
  received: string | null
  time: string
}

export type Fate = 'held' | 'in_transit' | 'used' | 'destroyed' | 'sampled' | 'unknown'

export interface Pack {
  code: string
  kind: 'national' | 'gs1' | 'sscc' | 'own'
  product: { code: string; name: string; holder: PackOperator | null; class: string } | null
  batch: { id: string; produced: string | null; expires: string | null; recalled: string | null } | null
  whereabouts: { fate: Fate; holder: PackOperator | null }
  events: PackEvent[]
  superseded: SupersededEvent[]
  edges: PackEdge[]
  parents: string[]
  children: { count: number; first: string[] }
  findings: PackFinding[]
}

export interface BatchFlow {
  batch: {
    id: string
    product: { code: string; name: string } | string
    holder: PackOperator | null
    produced: string | null
    expires: string | null
    recalled: string | null
  }
  fates: {
    produced: number
    held: number
    in_transit: number
    used: number
    destroyed: number
    sampled: number
    unaccounted: number
  }
  holders: { operator: PackOperator; held: number }[]
  findings: number
}

export interface RecallOutcome {
  notified: number
  without_account: PackOperator[]
}

export interface OperatorTrace {
  operator: PackOperator
  licence: { from: string | null; to: string | null; scopes: string[] }
  balance: { product: { code: string; name: string }; batch: string; held: number }[]
  lag: { events: number; p50_hours: number; p99_hours: number; grace_hours: number; assumed: boolean }
  findings_by_rule: {
    rule: string
    title: string
    provisional: number
    confirmed: number
    withdrawn: number
  }[]
}

export interface FindingPage {
  items: PackFinding[]
  next: string | null
  total: number
}

export interface RuleCounts {
  number: number | null
  rule: string
  title: string
  severity: Severity
  article: string
  provisional: number
  confirmed: number
  withdrawn: number
  by_region: { region: string; name: string; provisional: number; confirmed: number }[]
}
export interface PackSummary {
  as_of: { batch: number; judged: string | null }
  rules: RuleCounts[]
  events: number
  codes?: number
  waiting: number
  conflicts: number
}

export interface RuleRecord {
  number: number | null
  rule: string
  title: string
  version: string
  severity: Severity
  law: string
  status: 'verified' | 'unverified'
  absence: boolean
  leads: number
  to_case: number
  closed_no_violation: number
  open: number
  /** share of the decided leads that became a case, as a decimal text */
  precision: string | null
}

export interface TraceFile {
  batch: number
  name: string
  at: string
  source: string
  lines: number
  accepted: number
  rejected: number
  waiting: number
  digest: string
  by: string
}
export interface Reject {
  file: string
  row: number
  field: string
  code: string
  message: string
  next: string
}
export interface FileReport extends TraceFile {
  rejects: Reject[]
  waiting_rows: { row: number; reason: string }[]
  findings?: { provisional: number; confirmed: number; withdrawn: number }
}
/** Progress of an import: lines so far; what waits is told where the server counts it on the way. */
export type ImportJob = Omit<Schemas['Job'], 'kind'> & { kind: string; waiting?: number }

export interface PublicPack {
  code: string
  well_formed: boolean
  kind: string
  problem?: { title: string; next: string } | null
  product: { name: string } | null
  maker: string | null
  issued: 'yes' | 'elsewhere' | 'unknown'
  sale: 'not_sold' | 'sold_once' | 'sold_before' | 'split'
  expired: boolean
  recalled: boolean
  advice: string
  warn: boolean
  report: { prefill: { code: string; what: string } } | null
}
