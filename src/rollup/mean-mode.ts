/**
 * What `mean` means: `exact` is sum / count; `blueflood` is Blueflood's running average, truncated for integers, and with it the
 * two-pass variance around those averages on coarser levels.
 */
export type MeanMode = 'exact' | 'blueflood'
