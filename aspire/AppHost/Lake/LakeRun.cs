using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>What all <c>lake</c> commands share: opening a table, and what an error becomes.</summary>
internal static class LakeRun
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Refused = 3;

    /// <summary>Runs a command; faults go to standard error and become exit codes.</summary>
    public static async Task<int> RunAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
            return Ok;
        }
        catch (DeltaUnsupportedException exception)
        {
            return Fail(exception.Message, Refused);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Fail("stopped", Failed);
        }
        catch (IOException exception) when (IsClosedPipe(exception))
        {
            // The reader of a pipe, such as head, has all it wanted.
            return Ok;
        }
        catch (Exception exception) when (exception is RealTimeMeshException or DeltaConflictException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Fail(exception.Message, Failed);
        }
    }

    public static DeltaTable Open(string path, TimeProvider time, DuckDbOptions? engine = null)
    {
        var options = new DeltaTableOptions { OnFault = static (message, exception) => System.Console.Error.WriteLine($"warning: {message}: {exception.Message}") };
        if (TablePaths.IsUri(path))
            options = options with { Store = RemoteStores.Of(path, time) };
        return DeltaTable.At(LocalPath(path), engine is null ? options : options with { Engine = new DuckDbTableEngine(engine) }, time);
    }

    /// <summary>A folder as people name it: a path, or a URI of a local file.</summary>
    public static string LocalPath(string path)
    {
        if (!path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return path;
        // file:/x, file:///x and file://localhost/x are the same.
        var rest = path["file:".Length..];
        var (host, local) = rest.StartsWith("//", StringComparison.Ordinal) && rest.IndexOf('/', 2) is > 0 and var slash ? (rest[2..slash], rest[slash..]) : ("", rest);
        return local.StartsWith('/') && (host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            ? Uri.UnescapeDataString(local)
            : throw new RealTimeMeshException($"PATH: found '{path}'; expected a path, or the URI of a folder of this machine such as file:///data/lake/t.");
    }

    /// <summary>The snapshot that the options ask for; throws where there is no table.</summary>
    public static async Task<Snapshot> SnapshotAsync(DeltaTable table, long? version, DateTimeOffset? timestamp, CancellationToken cancellationToken)
    {
        if (version is not null && timestamp is not null)
            throw new RealTimeMeshException("both --version and --timestamp are given; expected one of them.");
        var snapshot = timestamp is { } time ? await table.GetSnapshotAsync(time, cancellationToken) : await table.GetSnapshotAsync(version, cancellationToken);
        return snapshot ?? throw new DeltaException(table.Path, "there is no table here: found no _delta_log with a commit; expected the folder of a Delta table; check the path, or list tables with 'lake ls'.");
    }

    private static int Fail(string message, int code)
    {
        System.Console.Error.WriteLine($"error: {message}");
        return code;
    }

    private static bool IsClosedPipe(IOException exception) => exception.HResult == 32 || exception.Message.Contains("Broken pipe", StringComparison.OrdinalIgnoreCase);
}
