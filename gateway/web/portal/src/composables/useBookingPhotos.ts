/** The reference photos of a booking: those that the studio has, and those on their way. */
import { computed } from 'vue'
import type { Access } from '../api'
import { asProblem } from '../api/client'
import { listUploads, removeUpload, type Upload } from '../api/uploads'
import { t } from '../i18n'
import { PHOTO_LIMITS } from '../lib/files'
import { useLoad } from './useLoad'
import { useUploads } from './useUploads'

export function useBookingPhotos(access: Access) {
  const { data, problem, isLoading, reload } = useLoad(() => listUploads(access))
  const photos = computed(() => (data.value ?? []).filter(({ state, purpose }) => state === 'ready' && purpose === 'reference'))
  const sending = useUploads({
    scope: `booking.${access.id}`,
    right: () => ({ 'X-Manage-Token': access.token }),
    told: { purpose: 'reference', booking_id: access.id },
    limits: () => PHOTO_LIMITS,
    others: () => photos.value.length,
    arrived: (file) => void reload().then(() => sending.letGo(file)),
  })

  async function take(photo: Upload): Promise<void> {
    try {
      await removeUpload(access, photo.id)
    } catch (error) {
      uni.showToast({ title: asProblem(error).message || t('problem.unknown'), icon: 'none' })
    }
    await reload()
  }

  void reload()
  void sending.restore()
  return { photos, problem, isLoading, reload, take, sending }
}
