/** Of more rules for the same hosts it is not looked at which are dead: for each that is, each of the others is tried. */
export const mostRules = 200
