// The brand's values for scripts (charts, inline styles); tokens.css holds the same values for styles.

export const colours = {
  paper: "#f7f5f1",
  surface: "#ffffff",
  sunken: "#f1eee8",
  line: "#e6e1d8",
  lineStrong: "#d3ccc0",
  ink: "#26231f",
  inkSoft: "#5c554d",
  inkMuted: "#70685e",
  accent: "#2c5f53",
  accentStrong: "#214a41",
  accentSoft: "#e4eeea",
  pine: { strong: "#2c5f53", soft: "#e0ece8" },
  amber: { strong: "#8a5a0f", soft: "#f8ecd3" },
  plum: { strong: "#76508c", soft: "#f0e7f4" },
  sky: { strong: "#2a628f", soft: "#e1edf6" },
  indigo: { strong: "#4b4f9c", soft: "#e7e8f6" },
  stone: { strong: "#5c554d", soft: "#ece8e1" },
  ash: { strong: "#746c63", soft: "#f3f1ed" },
  rust: { strong: "#a33b2e", soft: "#f8e5e1" },
} as const;

export const fontFamily =
  '"PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", ' +
  'system-ui, -apple-system, "Segoe UI", sans-serif';

export const radiusPx = { small: 6, medium: 10, large: 16, full: 999 } as const;
