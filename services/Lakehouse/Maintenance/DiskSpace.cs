namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>How much space is left where tables lie.</summary>
internal class DiskSpace
{
    /// <summary>Bytes that this process may still write to the disk of a folder.</summary>
    public virtual long Free(string folder) => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
}
