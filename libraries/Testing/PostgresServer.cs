using System.Diagnostics;
using System.Globalization;

namespace RealTimeMesh.Testing;

/// <summary>
/// A PostgreSQL cluster of its own on loopback, ready for logical replication, with its files in a temporary folder. Where
/// the tests run as root the server runs as the user <c>postgres</c>, since it refuses root.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int Attempts = 60;

    // A standby adds "read-only" (before version 14 "read only").
    private const string Ready = "database system is ready to accept";

    private readonly string _binaries;
    private readonly string _folder = Directory.CreateTempSubdirectory("postgres-").FullName;
    private int _port = FreePorts.Next();
    private readonly string[] _settings;
    private readonly Queue<string> _log = [];
    private Process? _process;

    private PostgresServer(string binaries, string[] settings)
    {
        _binaries = binaries;
        _settings = settings;
    }

    /// <summary>Why there is none; null where PostgreSQL is installed.</summary>
    public static string? Absent => Binaries is null ? "PostgreSQL is not installed; apt-get install postgresql" : null;

    /// <summary>Connection string of the superuser.</summary>
    public string Connection => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres");

    public int Port => _port;

    /// <summary>The last lines that the server wrote.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    private static string? Binaries => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(folder => File.Exists(Path.Combine(folder, "initdb"))).OrderDescending(StringComparer.Ordinal).FirstOrDefault()
        : Environment.GetEnvironmentVariable("PATH")?.Split(':').FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));

    /// <summary>Makes a cluster and starts it. <paramref name="settings"/>: further <c>name=value</c> pairs.</summary>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var server = new PostgresServer(Binaries ?? throw new InvalidOperationException(Absent), settings);
        try
        {
            await server.InitialiseAsync();
            await server.BeginAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a copy of a running server that follows it, and starts it. After the death of the other it waits to be promoted (<c>SELECT pg_promote()</c>).</summary>
    public static async Task<PostgresServer> StandbyAsync(PostgresServer primary, params string[] settings)
    {
        var server = new PostgresServer(Binaries ?? throw new InvalidOperationException(Absent), settings);
        try
        {
            await server.OwnAsync();
            await server.RunAsync("pg_basebackup", "-D", Path.Combine(server._folder, "data"), "-h", "127.0.0.1", "-p", primary.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-X", "stream", "-R", "--checkpoint=fast", "--no-sync");
            await server.BeginAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same port and files. Waits where another has taken the port meanwhile.</summary>
    public async Task StartAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunAsync();
                return;
            }
            catch (InvalidOperationException) when (PortIsTaken && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            }
        }
    }

    /// <summary>Starts it for the first time, on another port where this one is taken.</summary>
    private async Task BeginAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunAsync();
                return;
            }
            catch (InvalidOperationException) when (PortIsTaken && attempt < Attempts)
            {
                _port = FreePorts.Next();
            }
        }
    }

    private bool PortIsTaken => Log.Contains("could not bind", StringComparison.Ordinal);

    private async Task RunAsync()
    {
        lock (_log)
            _log.Clear();
        string[] defaults = ["wal_level=logical", "max_wal_senders=200", "max_replication_slots=200", "max_connections=300", "shared_buffers=64MB", "listen_addresses=127.0.0.1", "unix_socket_directories=", "log_min_messages=warning"];
        string[] arguments = ["-D", Path.Combine(_folder, "data"), "-p", _port.ToString(CultureInfo.InvariantCulture), .. defaults.Concat(_settings).SelectMany(setting => new[] { "-c", setting })];
        _process = Start("postgres", arguments);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException($"postgres ended before it was ready:\n{Log}"));
            else if (line.Data.Contains(Ready, StringComparison.Ordinal))
                ready.TrySetResult();
            lock (_log)
            {
                _log.Enqueue(line.Data ?? "");
                if (_log.Count > 100)
                    _log.Dequeue();
            }
        };
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System);
    }

    /// <summary>Takes over a replication slot of another server, as tools do that keep slots in step on a standby; both must be down.</summary>
    public async Task TakeSlotAsync(PostgresServer other, string slot)
    {
        var target = Path.Combine(_folder, "data", "pg_replslot");
        using (var copy = Process.Start("cp", ["-rp", Path.Combine(other._folder, "data", "pg_replslot", slot), target]))
            await copy.WaitForExitAsync();
        if (!File.Exists(Path.Combine(target, slot, "state")))
            throw new InvalidOperationException($"slot {slot} could not be copied to {target}");
    }

    /// <summary>As kill -9 of the server and all its processes at once.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        // Stopped first, it makes no further process while they are counted.
        Signal("STOP", [_process.Id]);
        var children = ChildrenOf(_process.Id);
        _process.Kill();
        foreach (var child in children)
        {
            try
            {
                Process.GetProcessById(child).Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It ended by itself as its parent did.
            }
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        // A new server waits for nobody: the old one's processes must be gone.
        var deadline = TimeProvider.System.GetTimestamp();
        while (children.Any(child => Directory.Exists($"/proc/{child}")) && TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(30))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
    }

    /// <summary>Sends a signal, such as STOP or CONT, to the server and all its processes.</summary>
    public void Signal(string name) => Signal(name, ChildrenOf(_process!.Id).Prepend(_process.Id));

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Signal(string name, IEnumerable<int> processes)
    {
        using var kill = Process.Start("kill", [$"-{name}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    private static List<int> ChildrenOf(int parent)
    {
        List<int> children = [];
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id))
                continue;
            try
            {
                // After the name in parentheses: state and parent.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) == parent)
                    children.Add(id);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at.
            }
        }

        return children;
    }

    private async Task InitialiseAsync()
    {
        await OwnAsync();
        await RunAsync("initdb", "-D", Path.Combine(_folder, "data"), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync");
    }

    private async Task OwnAsync()
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        using var owner = Process.Start("chown", ["postgres", _folder]);
        await owner.WaitForExitAsync();
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}");
    }

    private Process Start(string program, string[] arguments)
    {
        var path = Path.Combine(_binaries, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = _folder;
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = program != "postgres";
        start.Environment["LC_ALL"] = "C";
        var process = Process.Start(start)!;
        if (start.RedirectStandardOutput)
            process.BeginOutputReadLine();
        return process;
    }
}
