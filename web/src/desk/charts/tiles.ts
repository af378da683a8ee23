// Provinces as equal tiles, roughly where they lie: a scheme, no map. Columns count from the west, rows from
// the north. Codes of GB/T 2260.

export interface Place {
  code: string
  zh: string
  en: string
  column: number
  row: number
}

export const provinces: readonly Place[] = [
  { code: '23', zh: '黑', en: 'HL', column: 8, row: 0 },
  { code: '65', zh: '新', en: 'XJ', column: 1, row: 1 },
  { code: '15', zh: '蒙', en: 'NM', column: 6, row: 1 },
  { code: '22', zh: '吉', en: 'JL', column: 8, row: 1 },
  { code: '62', zh: '甘', en: 'GS', column: 3, row: 2 },
  { code: '64', zh: '宁', en: 'NX', column: 4, row: 2 },
  { code: '14', zh: '晋', en: 'SX', column: 5, row: 2 },
  { code: '13', zh: '冀', en: 'HE', column: 6, row: 2 },
  { code: '11', zh: '京', en: 'BJ', column: 7, row: 2 },
  { code: '21', zh: '辽', en: 'LN', column: 8, row: 2 },
  { code: '63', zh: '青', en: 'QH', column: 2, row: 3 },
  { code: '61', zh: '陕', en: 'SN', column: 4, row: 3 },
  { code: '41', zh: '豫', en: 'HA', column: 5, row: 3 },
  { code: '37', zh: '鲁', en: 'SD', column: 6, row: 3 },
  { code: '12', zh: '津', en: 'TJ', column: 7, row: 3 },
  { code: '54', zh: '藏', en: 'XZ', column: 1, row: 4 },
  { code: '51', zh: '川', en: 'SC', column: 3, row: 4 },
  { code: '50', zh: '渝', en: 'CQ', column: 4, row: 4 },
  { code: '42', zh: '鄂', en: 'HB', column: 5, row: 4 },
  { code: '34', zh: '皖', en: 'AH', column: 6, row: 4 },
  { code: '32', zh: '苏', en: 'JS', column: 7, row: 4 },
  { code: '31', zh: '沪', en: 'SH', column: 8, row: 4 },
  { code: '52', zh: '黔', en: 'GZ', column: 4, row: 5 },
  { code: '43', zh: '湘', en: 'HN', column: 5, row: 5 },
  { code: '36', zh: '赣', en: 'JX', column: 6, row: 5 },
  { code: '33', zh: '浙', en: 'ZJ', column: 7, row: 5 },
  { code: '53', zh: '滇', en: 'YN', column: 3, row: 6 },
  { code: '45', zh: '桂', en: 'GX', column: 4, row: 6 },
  { code: '44', zh: '粤', en: 'GD', column: 5, row: 6 },
  { code: '35', zh: '闽', en: 'FJ', column: 6, row: 6 },
  { code: '71', zh: '台', en: 'TW', column: 7, row: 6 },
  { code: '46', zh: '琼', en: 'HI', column: 4, row: 7 },
  { code: '82', zh: '澳', en: 'MO', column: 5, row: 7 },
  { code: '81', zh: '港', en: 'HK', column: 6, row: 7 },
]
