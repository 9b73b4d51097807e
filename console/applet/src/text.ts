// What the page says, in both languages.

const english = {
  title: "Relay node",
  purpose:
    "While this page is open and connected, it answers requests of the relay's users with your own key for Gemini. The key stays in this browser; the relay's operator sees prompts and answers.",
  address: "Relay address",
  token: "Node token",
  tokenHint: "From the relay's operator. Empty for a relay that asks for none.",
  key: "Gemini API key",
  keyBuiltIn: "The key of this app is used while this is empty.",
  baseUrl: "Gemini address",
  name: "Name of this node",
  nameHint: "Shown to the relay's operator.",
  more: "More settings",
  buffer: "Collect chunks for",
  bufferHint: "0: each goes at once.",
  milliseconds: "ms",
  remember: "Remember all of this in this browser, token and key included",
  awake: "Keep the screen on while connected",
  connect: "Connect",
  disconnect: "Disconnect",
  nodes: "Nodes",
  running: "Running",
  served: "Served",
  failed: "Failed",
  log: "Log",
  language: "中文",
  off: "Not connected",
  connecting: "Connecting…",
  connected: "Connected",
  waiting: "Connection lost; next try in {seconds} s",
  refused: "The relay closed the connection ({code}): {reason}",
  badAddress: "This address cannot be used. It begins with wss:// (ws:// only on this machine).",
  needKey: "Enter your Gemini API key first.",
  badToken: "The token has a character that no token has.",
  noWakeLock: "This browser does not keep the screen on.",
};

export type TextKey = keyof typeof english;

const chinese: Record<TextKey, string> = {
  title: "中转节点",
  purpose:
    "保持本页打开并连接时，它会用您自己的 Gemini 密钥应答中转用户的请求。密钥只留在本浏览器中；提示词与回答对中转的运营者可见。",
  address: "中转地址",
  token: "节点令牌",
  tokenHint: "由中转的运营者提供。若中转不要求令牌则留空。",
  key: "Gemini API 密钥",
  keyBuiltIn: "留空时使用本应用自带的密钥。",
  baseUrl: "Gemini 地址",
  name: "本节点名称",
  nameHint: "中转的运营者会看到它。",
  more: "更多设置",
  buffer: "数据块合并间隔",
  bufferHint: "0：每块立即发送。",
  milliseconds: "毫秒",
  remember: "在本浏览器中记住以上全部内容（包括令牌和密钥）",
  awake: "连接期间保持屏幕常亮",
  connect: "连接",
  disconnect: "断开",
  nodes: "节点数",
  running: "进行中",
  served: "已完成",
  failed: "失败",
  log: "日志",
  language: "English",
  off: "未连接",
  connecting: "正在连接…",
  connected: "已连接",
  waiting: "连接已断开，{seconds} 秒后重试",
  refused: "中转关闭了连接（{code}）：{reason}",
  badAddress: "该地址不可用。应以 wss:// 开头（仅本机可用 ws://）。",
  needKey: "请先填写您的 Gemini API 密钥。",
  badToken: "令牌中含有不应出现的字符。",
  noWakeLock: "此浏览器无法保持屏幕常亮。",
};

export type Language = "en" | "zh";

export function text(
  language: Language,
  key: TextKey,
  values: Record<string, string | number> = {},
): string {
  return (language === "zh" ? chinese : english)[key].replace(/\{(\w+)\}/g, (_, name: string) =>
    String(values[name] ?? ""),
  );
}
