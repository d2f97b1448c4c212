/** One step of a path made of a text of anybody: nothing in it ends the step, leads out of it, or cannot be sent. */
export const pathStep = (text: string): string => encodeURIComponent(text.toWellFormed().replace(/^\.+$/, '-'))
