using System.CommandLine;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>The <c>lake</c> commands: Delta tables of any folder, without a running mesh.</summary>
internal static class LakeCommand
{
    public static Command Build(TimeProvider time) => new(
        "lake",
        """
        Works on Delta tables in any folder; no mesh needs to run.

        Exit codes: 0; 1 for an error, told on standard error; 3 where a table asks for a feature that is not supported, which is named there.
        """)
    {
        new ListCommand(time).Build(),
        new DescribeCommand(time).Build(),
        new HistoryCommand(time).Build(),
        new QueryCommand(time).Build(),
        new OptimizeCommand(time).Build(),
        new VacuumCommand(time).Build(),
        new RestoreCommand(time).Build(),
    };
}
