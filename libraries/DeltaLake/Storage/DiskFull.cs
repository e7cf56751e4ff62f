namespace RealTimeMesh.DeltaLake;

/// <summary>Tells of a full or read-only disk as of an everyday state of a table: what was not done, and the cure.</summary>
internal static class DiskFull
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int ReadOnlyFileSystem = 30;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether a fault says that there is no room left.</summary>
    public static bool Is(Exception exception) =>
        exception is IOException && (OperatingSystem.IsWindows() ? exception.HResult is WindowsDiskFull or WindowsHandleDiskFull : exception.HResult is NoSpace or QuotaExceeded);

    /// <summary>Runs what writes; a full or read-only disk becomes an error that names the table and the cure.</summary>
    public static async Task<T> TellAsync<T>(string table, Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (IOException exception) when (Is(exception))
        {
            throw new DeltaException(table, $"cannot be written: the disk is full ({exception.Message}). Nothing was committed and the table is as it was; free space, such as by a vacuum, and write again.", exception);
        }
        catch (IOException exception) when (!OperatingSystem.IsWindows() && exception.HResult == ReadOnlyFileSystem)
        {
            throw new DeltaException(table, $"cannot be written: its file system is mounted read-only ({exception.Message}). Expected one that can be written; mount it so, or write to a copy.", exception);
        }
    }
}
