import CPostgres
import Glibc

/// A program to run. It runs in a process group of its own, so that a Ctrl-C at the terminal does not reach it, with a
/// minimal environment and without this process's open files.
package struct Command {
    private let path: String
    private let arguments: [String]
    var workingDirectory = "/"
    /// The file that takes standard output and standard error; /dev/null if nil.
    var outputFile: Int32?
    /// An open file that the program and its children inherit.
    var inheritedFile: Int32?

    package init(_ path: String, _ arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    private static let searchPath = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"]

    package static func find(_ program: String) -> String? {
        searchPath.lazy.map { "\($0)/\(program)" }.first(where: FileSystem.isExecutable)
    }

    func spawn() throws(ClusterError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for descriptor: Int32 in 1...2 {
            if let outputFile {
                posix_spawn_file_actions_adddup2(&actions, outputFile, descriptor)
            } else {
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
            }
        }
        if let inheritedFile { posix_spawn_file_actions_adddup2(&actions, inheritedFile, 3) }
        posix_spawn_file_actions_addclosefrom_np(&actions, inheritedFile == nil ? 3 : 4)
        posix_spawn_file_actions_addchdir_np(&actions, workingDirectory)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let argv = Self.copies(of: [path] + arguments)
        let environment = Self.copies(of: ["PATH=\(Self.searchPath.joined(separator: ":"))", "LC_ALL=C"])
        defer { for copy in argv + environment { free(copy) } }
        var processID = pid_t()
        let result = posix_spawn(&processID, path, &actions, &attributes, argv, environment)
        guard result == 0 else {
            throw .file(path: path, action: "run", reason: String(cString: strerror(result)))
        }
        return processID
    }

    /// Copies of the strings, with a NULL at the end as C expects. The caller frees the copies.
    private static func copies(of strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
        var copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        copies.append(nil)
        return copies
    }

    /// The exit status as `waitpid` gives it: 0 for success.
    static func wait(for processID: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    /// Runs the program to its end and returns what it printed; throws if it failed.
    @discardableResult package func output() throws(ClusterError) -> String {
        guard let stream = tmpfile() else { throw FileSystem.failure("create", "a temporary file") }
        defer { fclose(stream) }
        let file = fileno(stream)
        var command = self
        command.outputFile = file
        let status = Self.wait(for: try command.spawn())
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = pread(file, &bytes, bytes.count, 0)
        let output = String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        guard status == 0 else { throw .programFailed(program: path, output: output.trimmingTrailingNewlines) }
        return output
    }
}
