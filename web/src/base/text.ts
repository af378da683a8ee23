// Filling words with values; no framework, so that every entry can use it.

/** Fills {name}; {name:day|days} takes the first form for one and the second for any other number. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(
    /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = values[name]
      if (value === undefined) return whole
      if (one === undefined || many === undefined) return String(value)
      return Number(String(value).replace(/,/g, '')) === 1 ? one : many
    },
  )
}
