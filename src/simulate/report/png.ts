import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'

const { resolve } = createRequire(import.meta.url)
const fontFiles = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'].map((file) =>
  resolve(`@expo-google-fonts/inter/${file}`),
)

/** Draws an SVG document as PNG, two dots a unit, with a font that is part of the package. */
export function pngOf(svg: string): Uint8Array {
  const options = {
    background: 'white',
    fitTo: { mode: 'zoom', value: 2 } as const,
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: 'Inter' },
  }
  return new Resvg(svg, options).render().asPng()
}
