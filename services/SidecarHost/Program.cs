using RealTimeMesh.SidecarHost.Running;

SignalDefaults.Restore();
return await SidecarProcess.RunAsync(args);
