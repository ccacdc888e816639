import { createSpotlight } from '@mantine/spotlight';

/** The palette from outside: palette.open(). */
export const [paletteStore, palette] = createSpotlight();
