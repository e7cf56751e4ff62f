using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>
/// The sidecars of one host and user, known to each other by small files in a shared folder: one file for each sidecar,
/// written by it alone, so that any number of processes need no lock. A sidecar renews its file; one whose process is gone
/// or that has not renewed it for <see cref="SharedNamesOptions.Expiry"/> is not found any more, and its file is cleared away.
/// </summary>
public sealed class SharedNames(SharedNamesOptions options, TimeProvider time, ILogger logger) : INameResolver
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Name => "shared";

    public async Task<IAsyncDisposable> RegisterAsync(NameRegistration registration, CancellationToken cancellationToken)
    {
        CreateFolder();
        var folder = Directory.CreateDirectory(AppFolder(registration.AppId)).FullName;
        // The address is the sidecar's own as long as it runs: whoever had it before has gone.
        var file = Path.Combine(folder, Uri.EscapeDataString(registration.Address) + ".json");
        var entry = new NameEntry(registration.AppId, registration.Namespace, registration.Address, Environment.ProcessId, ProcessLife.OwnSpace);
        await WriteAsync(file, entry, cancellationToken);
        return new Renewal(file, entry, options, time, logger);
    }

    public ValueTask<IReadOnlyList<string>> FindAsync(string appId, string appNamespace, CancellationToken cancellationToken)
    {
        var known = new List<NameRegistration>();
        try
        {
            RequireOwn();
            foreach (var file in Directory.EnumerateFiles(AppFolder(appId), "*.json"))
            {
                if (Read(file) is { } entry)
                    known.Add(new NameRegistration(entry.AppId, entry.Namespace, entry.Address));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Nobody of that name has ever been here.
        }

        return ValueTask.FromResult(NamePreference.Addresses(known, appId, appNamespace));
    }

    private string AppFolder(string appId) => Path.Combine(options.Folder, Uri.EscapeDataString(appId));

    /// <summary>The living sidecar that a file tells of; null where there is none.</summary>
    private NameEntry? Read(string file)
    {
        try
        {
            var silent = time.GetUtcNow() - File.GetLastWriteTimeUtc(file);
            if (silent > options.Expiry * 4)
            {
                File.Delete(file);
                return null;
            }

            if (silent > options.Expiry || JsonSerializer.Deserialize(File.ReadAllBytes(file), NameJson.Default.NameEntry) is not { } entry)
                return null;
            if (ProcessLife.IsAlive(entry))
                return entry;
            File.Delete(file);
            return null;
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            Log.NameUnreadable(logger, file, exception.Message);
            return null;
        }
    }

    /// <summary>Whole or not at all: readers never see half a file.</summary>
    private static async Task WriteAsync(string file, NameEntry entry, CancellationToken cancellationToken)
    {
        var draft = $"{file}.{Environment.ProcessId}.tmp";
        await File.WriteAllBytesAsync(draft, JsonSerializer.SerializeToUtf8Bytes(entry, NameJson.Default.NameEntry), cancellationToken);
        File.Move(draft, file, overwrite: true);
    }

    /// <summary>A name leads calls, and the secrets in them, to an address: only this user may write one.</summary>
    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(options.Folder);
        else
            Directory.CreateDirectory(options.Folder, OwnerOnly);
        RequireOwn();
    }

    /// <summary>A folder that others can enter may be theirs; one that only its owner can enter is ours, or cannot be read.</summary>
    private void RequireOwn()
    {
        if (!OperatingSystem.IsWindows() && Directory.Exists(options.Folder) && File.GetUnixFileMode(options.Folder) != OwnerOnly)
            throw new IOException($"{options.Folder} is open to other users; expected a folder that only its owner may enter (chmod 700), or none");
    }

    private sealed class Renewal : IAsyncDisposable
    {
        private readonly string _file;
        private readonly NameEntry _entry;
        private readonly TimeProvider _time;
        private readonly ILogger _logger;
        private readonly PeriodicTimer _timer;
        private readonly Task _renewing;

        public Renewal(string file, NameEntry entry, SharedNamesOptions options, TimeProvider time, ILogger logger)
        {
            (_file, _entry, _time, _logger) = (file, entry, time, logger);
            _timer = new PeriodicTimer(options.Expiry / 3, time);
            _renewing = RenewAsync();
        }

        public async ValueTask DisposeAsync()
        {
            _timer.Dispose();
            await _renewing;
            File.Delete(_file);
        }

        private async Task RenewAsync()
        {
            while (await _timer.WaitForNextTickAsync())
            {
                try
                {
                    if (File.Exists(_file))
                        File.SetLastWriteTimeUtc(_file, _time.GetUtcNow().UtcDateTime);
                    else
                        await RestoreAsync();
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // Told each time: while it lasts, others do not find this sidecar.
                    Log.NameNotRenewed(_logger, _entry.AppId, exception.Message);
                }
            }
        }

        private Task RestoreAsync()
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
            return WriteAsync(_file, _entry, CancellationToken.None);
        }
    }
}
