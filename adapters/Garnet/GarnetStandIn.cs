using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Garnet;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace RealTimeMesh.Garnet;

/// <summary>
/// Garnet in this process, speaking the Redis protocol on loopback: an acknowledged write is in its append-only file,
/// and a server started on the same folder has it again.
/// </summary>
public sealed class GarnetStandIn : IAsyncDisposable
{
    private const int MostAttempts = 5;

    // In MiB. A segment holds whole pages.
    private const int AppendOnlyPage = 8;
    private const int AppendOnlySegment = 64;

    private static readonly TimeSpan CheckpointTimeout = TimeSpan.FromMinutes(2);

    private readonly GarnetServer _server;

    private GarnetStandIn(GarnetServer server, int port)
    {
        _server = server;
        Port = port;
    }

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>Its address as <c>redisHost</c> takes it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts a server and returns when it accepts connections, with all data recovered.</summary>
    public static Task<GarnetStandIn> StartAsync(GarnetOptions options, ILoggerFactory? logs = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Start(options, logs ?? NullLoggerFactory.Instance, cancellationToken), cancellationToken);

    public async ValueTask DisposeAsync() => await Task.Run(_server.Dispose);

    private static GarnetStandIn Start(GarnetOptions options, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(options.DataPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GarnetException($"Garnet's folder '{options.DataPath}': found that it cannot be created ({e.Message}); expected a writable folder; correct its path or permissions.", e);
        }

        var recovers = Directory.EnumerateFileSystemEntries(options.DataPath).Any();
        var committed = MendAppendOnlyFile(options.DataPath, logs);
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var port = options.Port != 0 ? options.Port : FreePort();
            GarnetServer? server = null;
            try
            {
                server = new GarnetServer(Arguments(options, port), logs);
                server.Start();
                if (recovers)
                    CheckpointRecovered(port, committed);
                return new GarnetStandIn(server, port);
            }
            catch (Exception e) when (MeansPortInUse(e))
            {
                server?.Dispose();
                // Between finding a free port and taking it, another may have been faster.
                if (options.Port != 0 || attempt == MostAttempts)
                    throw new GarnetException($"Garnet: found port {port} in use; expected a free one; stop its owner, choose another port, or 0 for any.", e);
            }
            catch (Exception e)
            {
                server?.Dispose();
                throw new GarnetException($"Garnet: found that it can't start on port {port} with folder '{options.DataPath}' ({e.Message}); expected a free port and an intact, writable folder that no other server uses.", e);
            }
        }
    }

    /// <summary>Makes the end of the append-only file whole and tells until where it is committed.</summary>
    private static long MendAppendOnlyFile(string dataPath, ILoggerFactory logs)
    {
        var tail = new AppendOnlyFileTail(Path.Combine(dataPath, "AOF"), AppendOnlyPage << 20, (long)AppendOnlySegment << 20);
        try
        {
            if (tail.Mend() is >= 0 and var address)
                Log.TailMended(logs.CreateLogger<GarnetStandIn>(), dataPath, address);
            return tail.Committed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GarnetException($"Garnet's folder '{dataPath}': found that its append-only file cannot be read and written ({e.Message}); expected files of its own that no other server uses; correct their permissions.", e);
        }
    }

    /// <summary>
    /// Puts a checkpoint behind what was recovered, before anybody writes. A killed server leaves a transaction's
    /// beginning at the end of its append-only file; with new transactions appended to it, the next recovery would
    /// meet one transaction inside another and stop there.
    /// </summary>
    private static void CheckpointRecovered(int port, long committed)
    {
        using var connection = ConnectionMultiplexer.Connect($"127.0.0.1:{Text(port)},allowAdmin=true,syncTimeout={Text((int)CheckpointTimeout.TotalMilliseconds)}");
        var database = connection.GetDatabase();
        // Never a checkpoint of less than there is: it would cut the file.
        if (TailAddress((string?)database.Execute("INFO", "persistence")) is { } tail && tail < committed)
            throw new GarnetException($"append-only file: found {Text(committed)} bytes committed, of which the server read {Text(tail)}; expected all; copy the folder and start on an empty one, or on a backup");
        database.Execute("SAVE");
    }

    private static long? TailAddress(string? info)
    {
        const string Name = "TailAddress:";
        var line = info?.Split('\n').FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.TryParse(line.AsSpan(line is null ? 0 : Name.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var address) ? address : null;
    }

    private static string[] Arguments(GarnetOptions options, int port) =>
    [
        "-q",
        "--bind", "127.0.0.1",
        "--port", Text(port),
        "--checkpointdir", Path.GetFullPath(options.DataPath),
        "--recover",
        // A recovery that stops half way must not be taken for the whole.
        "--fail-on-recovery-error",
        "--aof",
        // Without it a write is acknowledged before it is in the file.
        "--aof-commit-wait",
        "--aof-memory", "32m",
        // At least twice the page of the store.
        "--aof-page-size", $"{AppendOnlyPage}m",
        // The file is given back to the disk by whole segments.
        "--aof-segment-size", $"{AppendOnlySegment}m",
        "--aof-size-limit", $"{options.AppendOnlyFileMiB}m",
        // Without it, values that do not fit into the memory are gone.
        "--storage-tier",
        "--logdir", Path.GetFullPath(options.DataPath),
        // What has been overwritten is given back to the disk by whole segments, after the next checkpoint:
        // before it, a recovery may still need them.
        "--segment", "32m",
        "--compaction-type", "Lookup",
        "--compaction-max-segments", "4",
        "--compaction-freq", Text((int)options.CompactionInterval.TotalSeconds),
        "--memory", $"{options.MemoryMiB}m",
        "--page", "4m",
        "--index", $"{options.IndexMiB}m",
        // The default wants libaio, which many systems don't have.
        "--device-type", "RandomAccess",
    ];

    private static bool MeansPortInUse(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException)
        {
            if (fault is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
                return true;
        }

        return false;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
