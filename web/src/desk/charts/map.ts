// The hook for a bureau's own approved map. Qingyuan draws no boundary: which boundaries may be shown, and
// under which approval number, is for the bureau and its natural-resources office. A file web/map/*.ts that
// exports `provider` is built in; without one the tile grid and the treemap stand in its place.

export interface RegionValue {
  region: string // code of the region
  name: string
  rate: number | null
  text: string // the rate as printed
}

export interface MapProvider {
  approval: string // 审图号, printed below the map
  source: string
  /** Draws into `host` and returns what takes it away again; `open` is called with a region's code. */
  draw(host: HTMLElement, regions: readonly RegionValue[], open: (region: string) => void): () => void
}

const found = import.meta.glob<{ provider: MapProvider }>('../../../map/*.ts')

export async function mapProvider(): Promise<MapProvider | null> {
  const load = Object.values(found)[0]
  return load ? (await load()).provider : null
}
