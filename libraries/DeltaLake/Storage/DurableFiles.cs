using System.Runtime.InteropServices;

namespace RealTimeMesh.DeltaLake;

/// <summary>File operations that survive a power cut: content and folder entries are flushed to the disk.</summary>
internal static class DurableFiles
{
    private const int EExist = 17;

    /// <summary>
    /// Puts a file whole or not at all, and never over another: false where the name is taken. A plain rename would
    /// replace the winner's commit, so a hard link is made (Unix) or a move without replacement (Windows).
    /// </summary>
    public static bool PutIfAbsent(string path, string temporary, ReadOnlySpan<byte> content)
    {
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            return PublishIfAbsent(path, temporary);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Gives a whole file, under a temporary name in the same file system, its name: false where that is taken. The temporary name may stay.</summary>
    public static bool PublishIfAbsent(string path, string temporary, bool flushFolder = true)
    {
        if (OperatingSystem.IsWindows())
            return TryMove(temporary, path);
        if (Native.Link(temporary, path) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == EExist ? false : throw new IOException($"cannot put '{path}': {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        if (flushFolder)
            FlushFolder(Path.GetDirectoryName(path)!);
        return true;
    }

    /// <summary>Writes a file under a temporary name and moves it over the old one.</summary>
    public static void Replace(string path, string temporary, ReadOnlySpan<byte> content)
    {
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Flushes a file another engine wrote.</summary>
    public static void FlushFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Makes the entries of a folder durable. Windows does so with the files.</summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Native.Open(path, 0);
        if (descriptor < 0)
            throw Fault("open", path);
        try
        {
            if (Native.Fsync(descriptor) != 0)
                throw Fault("flush", path);
        }
        finally
        {
            _ = Native.Close(descriptor);
        }
    }

    private static IOException Fault(string verb, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"cannot {verb} folder '{path}': {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    private static bool TryMove(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "link", SetLastError = true)]
        public static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        public static extern int Fsync(int descriptor);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        public static extern int Close(int descriptor);
    }
}
