using System.Runtime.InteropServices;

namespace RealTimeMesh.ObjectStores.Cache;

/// <summary>A second name for a file: what has one of its names deleted lives on under the other.</summary>
internal static class HardLinks
{
    private const int EExist = 17;
    private const int ENoEntry = 2;
    private const int PathNotFound = 3;
    private const int AlreadyExists = 183;

    public static LinkResult TryLink(string existing, string name)
    {
        var isDone = OperatingSystem.IsWindows() ? Native.CreateHardLink(name, existing, 0) : Native.Link(existing, name) == 0;
        if (isDone)
            return LinkResult.Linked;
        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            ENoEntry => LinkResult.NoFile,
            PathNotFound when OperatingSystem.IsWindows() => LinkResult.NoFile,
            EExist when !OperatingSystem.IsWindows() => LinkResult.NameTaken,
            AlreadyExists when OperatingSystem.IsWindows() => LinkResult.NameTaken,
            _ => throw new IOException($"cannot link '{name}' to '{existing}': {Marshal.GetPInvokeErrorMessage(error)}; expected a file system with hard links; set MESH_LAKE_CACHE to a folder on one.", error),
        };
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "link", SetLastError = true)]
        public static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

        [DllImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool CreateHardLink([MarshalAs(UnmanagedType.LPWStr)] string name, [MarshalAs(UnmanagedType.LPWStr)] string existing, nint reserved);
    }
}

internal enum LinkResult
{
    Linked,

    /// <summary>The file to link to is not there.</summary>
    NoFile,

    NameTaken,
}
