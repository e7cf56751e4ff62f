namespace RealTimeMesh.ObjectStores.Cache;

/// <summary>
/// A folder for one piece of work, deleted with it. A locked file beside it says that its process lives; folders of dead ones are deleted by
/// <see cref="Sweep"/>.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private const string LockEnding = ".lock";
    private readonly FileStream _lock;

    private Workspace(string folder, FileStream locked) => (Folder, _lock) = (folder, locked);

    public string Folder { get; }

    public static Workspace Create(string parent)
    {
        Directory.CreateDirectory(parent);
        for (; ; )
        {
            var folder = Path.Combine(parent, Path.GetRandomFileName());
            try
            {
                var locked = new FileStream(folder + LockEnding, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1);
                Directory.CreateDirectory(folder);
                return new Workspace(folder, locked);
            }
            catch (IOException) when (File.Exists(folder + LockEnding))
            {
                // A sweep took the lock between the creation of the file and its locking.
            }
        }
    }

    /// <summary>Folders of work that goes on, in any process.</summary>
    public static IEnumerable<string> Living(string parent) => Directory.Exists(parent) ? Directory.EnumerateDirectories(parent) : [];

    /// <summary>Deletes what dead processes left.</summary>
    public static void Sweep(string parent)
    {
        foreach (var file in Directory.Exists(parent) ? Directory.EnumerateFiles(parent, "*" + LockEnding) : [])
        {
            try
            {
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1))
                {
                    Remove(file[..^LockEnding.Length]);
                    File.Delete(file);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Its process lives, or another sweeps: then it is not ours to delete.
            }
        }
    }

    public void Dispose()
    {
        try
        {
            Remove(Folder);
            File.Delete(Folder + LockEnding);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A reader still has a file open (Windows): the next sweep deletes the folder.
        }

        _lock.Dispose();
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
