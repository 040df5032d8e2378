/** Show a PDF as each platform does. */
import { t } from '../i18n'

export function openPaper(url: string): void {
  // #ifdef H5
  window.open(url, '_blank', 'noopener')
  // #endif
  // #ifndef H5
  const fail = () => void uni.showToast({ title: t('problem.unknown'), icon: 'none' })
  uni.downloadFile({ url, success: ({ tempFilePath }) => uni.openDocument({ filePath: tempFilePath, fileType: 'pdf', fail }), fail })
  // #endif
}
