import { answerRequests } from '../util/thread.ts'
import { md5OfFile } from './digest.ts'

answerRequests(md5OfFile)
