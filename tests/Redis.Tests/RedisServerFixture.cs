using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Redis.Tests;

/// <summary>A redis-server process for a class of tests, where the program is installed.</summary>
public sealed class RedisServerFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-").FullName;
    private Process? _process;

    /// <summary>Why there is no server; null where there is one.</summary>
    public string? Absent { get; private set; }

    public string Address { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        listener.Stop();
        Address = $"127.0.0.1:{port}";
        try
        {
            _process = Process.Start(new ProcessStartInfo("redis-server", ["--port", port, "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--requirepass", "secret"]) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception e)
        {
            Absent = $"redis-server is not installed ({e.Message})";
            return;
        }

        while (await _process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Ready to accept connections", StringComparison.Ordinal))
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
