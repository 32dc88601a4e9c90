// How numbers and times are written on this page; with the digits that stand on signs, telephones and in references.
const { lang } = document.documentElement;

export const locale = { en: "en-GB", ar: "ar-u-nu-latn" }[lang] || lang || undefined;
