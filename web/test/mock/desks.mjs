// Leads and referrals on their way to another agency and back, which the recorded demo has none of: made from the rows it has. The
// contact of the police sees what was sent to it.

import { named } from './names.mjs'

const police = named('public_security', '公安机关', 'Public security')
const items = [named('case_report', '案件情况的调查报告', 'Report of the investigation'), named('property_list', '涉案物品清单', 'List of the goods')]
const way = {
  agency: police,
  agency_from: null,
  sent_on: '2025-07-01',
  receipt_on: null,
  receipt_number: '',
  receipt_missing: false,
  attachments: items,
  items_missing: [],
  package: ['0298733755ae'],
}
const state = (id, zh, en) => ({ id, zh, en, terminal: false })
const receipt = { receipt_on: '2025-07-02', receipt_number: '衡公收〔2025〕31号' }

/** The desk of leads with some that were sent out. */
export function leads(desk, partner) {
  const sample = desk.groups[0].rows
  const out = {
    out: [{ ...sample[1], ...way, seq: 90001, state: state('transferred', '已移送', 'Transferred'), receipt_missing: true }],
    with_agency: [{ ...sample[2], ...way, ...receipt, seq: 90002, state: state('with_agency', '有关部门办理中', 'With the agency'), items_missing: items.slice(1) }],
    back: [
      { ...sample[3], ...way, ...receipt, seq: 90003, state: state('answered', '已反馈', 'Answered'), outcome: named('filed', '已立案', 'Case opened') },
    ],
  }
  const groups = desk.groups.map((group) => {
    const rows = out[group.id] ?? (partner ? [] : group.rows)
    return { ...group, rows, total: rows.length, late: rows.filter((row) => row.receipt_missing).length }
  })
  return { ...desk, groups }
}
/** The desk of referrals with one in most of its groups. */
export function referrals(desk, sample, partner) {
  const row = (seq, at, more) => ({
    ...sample,
    seq,
    id: `hengyang_own-2025-ref-${String(seq - 91000).padStart(5, '0')}`,
    title: '涉嫌销售伪劣产品罪移送',
    procedure: named('referral', '行刑衔接移送', 'Referral of a suspected crime'),
    state: at,
    suspected_crime: '销售伪劣产品罪',
    ...way,
    ...more,
  })
  const rows = {
    preparing: [row(91001, state('approved', '已批准移送', 'Approved'), { sent_on: null, attachments: [], package: [] })],
    sent: [
      row(91002, state('sent', '已移送', 'Sent'), { receipt_missing: true }),
      row(91003, state('received', '公安机关已签收', 'Received'), { ...receipt, clock: null }),
    ],
    filed: [row(91004, state('filed', '公安机关已立案', 'Filed'), receipt)],
  }
  const groups = desk.groups.map((group) => {
    const own = partner && group.id === 'preparing' ? [] : (rows[group.id] ?? [])
    return { ...group, rows: own, total: own.length, late: own.filter((one) => one.receipt_missing).length }
  })
  return { ...desk, groups }
}
