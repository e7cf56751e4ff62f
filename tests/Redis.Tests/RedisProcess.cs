using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Redis.Tests;

/// <summary>A redis-server process on loopback, with its files in a folder of its own.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-").FullName;
    private readonly string[] _arguments;
    private Process? _process;
    private string _ready = "Ready to accept connections";
    private string? _configuration;

    private RedisProcess(int port, string[] arguments)
    {
        Port = port;
        _arguments = arguments;
    }

    public int Port { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Null and a reason where the program is not installed.</summary>
    public static async Task<(RedisProcess? Server, string? Absent)> TryStartAsync(params string[] arguments)
    {
        var server = new RedisProcess(FreePorts.Next(), arguments);
        try
        {
            await server.StartAsync();
            return (server, null);
        }
        catch (Win32Exception e)
        {
            await server.DisposeAsync();
            return (null, $"redis-server is not installed ({e.Message}); apt-get install redis-server");
        }
    }

    /// <summary>A sentinel that watches a master under the name <c>mymaster</c>.</summary>
    public static async Task<RedisProcess> StartSentinelAsync(RedisProcess master, string masterPassword)
    {
        var sentinel = new RedisProcess(FreePorts.Next(), ["--sentinel"]) { _ready = "+monitor master mymaster" };
        // Sentinels keep what they learn in their configuration file.
        sentinel._configuration = Path.Combine(sentinel._folder, "sentinel.conf");
        await File.WriteAllTextAsync(sentinel._configuration, $"sentinel monitor mymaster 127.0.0.1 {master.Port} 1\nsentinel auth-pass mymaster {masterPassword}\n");
        await sentinel.StartAsync();
        return sentinel;
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same port and files.</summary>
    public async Task StartAsync()
    {
        string[] common = ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder];
        string[] arguments = _configuration is null ? [.. common, "--save", "", .. _arguments] : [_configuration, .. common, .. _arguments];
        var start = new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(_ready, StringComparison.Ordinal))
                return;
        }

        throw new InvalidOperationException($"redis-server ended with {_process.ExitCode} before it was ready");
    }

    /// <summary>As kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
