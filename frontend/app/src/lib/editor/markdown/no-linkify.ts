/**
 * Stands in for `linkify-it`, which markdown-it makes one of even where addresses in a text stay
 * text: in articles they do.
 */
export default class NoLinkify {}
