// An address that a page was given, when it is one of this site; null for anything else, also for what
// a browser reads as another host (//x, /\x) or cleans first (a tab, a line's end, /..).
export const local_path = (text) => (/^\/(?!\/)(?:[\w#/-]|(?<=\w)\.(?=\w))*$/.test(text ?? '') ? text : null);
