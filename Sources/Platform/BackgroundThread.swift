import CLinux

/// One piece of work that goes on beside its caller until it is waited for.
public struct BackgroundThread: ~Copyable {
  public typealias Body = (_ context: UnsafeMutableRawPointer) -> Void

  private struct Work {
    var body: Body
    var context: UnsafeMutableRawPointer
  }

  private let work: UnsafeMutablePointer<Work>
  /// Nil where the system gave no thread: the work was then done at once.
  private let handle: ocellus_thread?

  /// - Parameter context: It must stay until the value ends.
  public init(_ context: UnsafeMutableRawPointer, _ body: @escaping Body) {
    work = .allocate(capacity: 1)
    work.initialize(to: Work(body: body, context: context))
    do throws(SystemError) { handle = try BackgroundThread.start(work) } catch {
      handle = nil
      body(context)
    }
  }

  /// The same for work that only a thread of its own can do.
  public init(
    required context: UnsafeMutableRawPointer, _ body: @escaping Body
  ) throws(SystemError) {
    let work = UnsafeMutablePointer<Work>.allocate(capacity: 1)
    work.initialize(to: Work(body: body, context: context))
    do throws(SystemError) { handle = try BackgroundThread.start(work) } catch {
      work.deinitialize(count: 1)
      work.deallocate()
      throw error
    }
    self.work = work
  }

  private static func start(_ work: UnsafeMutablePointer<Work>) throws(SystemError) -> ocellus_thread {
    var thread = ocellus_thread()
    let code = pthread_create(
      &thread, nil,
      {
        let work = $0!.assumingMemoryBound(to: Work.self)
        work.pointee.body(work.pointee.context)
        return nil
      }, UnsafeMutableRawPointer(work))
    guard code == 0 else { throw SystemError(code: code) }
    return thread
  }

  /// Waits for the work's end.
  deinit {
    if let handle { pthread_join(handle, nil) }
    work.deinitialize(count: 1)
    work.deallocate()
  }
}
