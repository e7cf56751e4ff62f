namespace RealTimeMesh.ChangeCapture;

/// <summary>What is done where the log after the position can't be had: the slot is gone, invalidated or was read on, or another server took over without all that was read.</summary>
public enum LostLog
{
    /// <summary>The source stops and tells why: a person decides.</summary>
    Stop,

    /// <summary>The tables are read whole again: first each is said to be emptied, then its rows come as at first.</summary>
    Snapshot,
}
