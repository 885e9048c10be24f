/** The most rows of a row group: so every place in a dictionary has 16 bits, and a page stays in the cache while it is made and compressed. */
export const groupRows = 32_768

/** How many row groups of a file are in work at once: while pages of one are compressed or unpacked, in threads of Node's own, those of others are made or compared. */
export const groupsAtOnce = 4
