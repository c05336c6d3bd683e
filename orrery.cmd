@echo off
rem Starts Orrery on Windows: finds Java, builds when the sources changed, runs.
setlocal EnableExtensions EnableDelayedExpansion
set "HOME_DIR=%~dp0"
if "%HOME_DIR:~-1%"=="\" set "HOME_DIR=%HOME_DIR:~0,-1%"
set "LAUNCH=%HOME_DIR%\target\launch"

call :find_jdk || exit /b 3

if /i "%~1"=="test" (
    shift
    goto :tests
)
if /i "%~1"=="format" if "%~2"=="" (
    call :maven -q spotless:apply || exit /b 3
    exit /b 0
)

call :current || call :build || exit /b 3
set "AOT="
if exist "%LAUNCH%\%NAME%\orrery.aot" set "AOT=-XX:AOTCache=%LAUNCH%\%NAME%\orrery.aot -Xlog:disable -Xlog:all=error:stderr"
call :classpath
"%JDK%\bin\java.exe" %AOT% %FLAGS% -cp "%CP%" dev.orrery.cli.Main %*
exit /b %ERRORLEVEL%

rem --- Java ------------------------------------------------------------------------------------

:find_jdk
if defined ORRERY_JAVA_HOME (
    call :fits "%ORRERY_JAVA_HOME%" && exit /b 0
    echo orrery: ORRERY_JAVA_HOME=%ORRERY_JAVA_HOME% is not a JDK 25 or newer 1>&2
    exit /b 1
)
if defined JAVA_HOME call :fits "%JAVA_HOME%" && exit /b 0
for /f "delims=" %%j in ('where java 2^>nul') do call :fits "%%~dpj.." && exit /b 0
for %%r in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%LocalAppData%\Programs\Eclipse Adoptium" "%USERPROFILE%\.jdks" "%USERPROFILE%\scoop\apps") do (
    if exist "%%~r" for /d %%j in ("%%~r\*") do (
        call :fits "%%~j" && exit /b 0
        call :fits "%%~j\current" && exit /b 0
    )
)
echo orrery: needs a JDK 25 or newer; get one from https://adoptium.net (or: winget install EclipseAdoptium.Temurin.25.JDK), or set ORRERY_JAVA_HOME 1>&2
exit /b 1

:fits
if not exist "%~1\bin\javac.exe" exit /b 1
if not exist "%~1\release" exit /b 1
set "MAJOR="
for /f "tokens=2 delims==" %%v in ('findstr /b "JAVA_VERSION=" "%~1\release"') do for /f "delims=." %%m in ("%%~v") do set "MAJOR=%%~m"
if not defined MAJOR exit /b 1
if %MAJOR% LSS 25 exit /b 1
set "JDK=%~1"
exit /b 0

rem --- Build -----------------------------------------------------------------------------------

:current
if not exist "%LAUNCH%\current" exit /b 1
set /p NAME=<"%LAUNCH%\current"
if not exist "%LAUNCH%\%NAME%\begun" exit /b 1
"%JDK%\bin\java.exe" -Xshare:auto "%HOME_DIR%\.ci\Newer.java" "%HOME_DIR%" "%LAUNCH%\%NAME%\begun"
exit /b %ERRORLEVEL%

:build
if not exist "%LAUNCH%" mkdir "%LAUNCH%"
:lock
mkdir "%LAUNCH%\lock.dir" 2>nul || (
    echo orrery: another build is running; if none is, remove %LAUNCH%\lock.dir 1>&2
    timeout /t 5 /nobreak >nul
    call :current && exit /b 0
    goto :lock
)
echo orrery: building (the first time also fetches libraries, some minutes)... 1>&2
set "NAME=build-%RANDOM%%RANDOM%"
mkdir "%LAUNCH%\%NAME%"
type nul > "%LAUNCH%\%NAME%\begun"
call :maven -q -pl app -am package -DskipTests > "%LAUNCH%\build.log" 2>&1
if errorlevel 1 (
    findstr /b "[ERROR]" "%LAUNCH%\build.log" 1>&2
    echo orrery: the build failed; all of it is in target\launch\build.log 1>&2
    rmdir "%LAUNCH%\lock.dir"
    exit /b 1
)
copy /y "%HOME_DIR%\app\target\orrery-app-*.jar" "%LAUNCH%\%NAME%" >nul
copy /y "%HOME_DIR%\app\target\lib\orrery-*.jar" "%LAUNCH%\%NAME%" >nul
echo %NAME%>"%LAUNCH%\current"
call :classpath
"%JDK%\bin\java.exe" -XX:AOTCacheOutput="%LAUNCH%\%NAME%\orrery.aot" -Xlog:disable %FLAGS% -cp "%CP%" dev.orrery.cli.Main warm-up >nul 2>&1
rmdir "%LAUNCH%\lock.dir"
exit /b 0

:classpath
set "CP="
for %%j in ("%LAUNCH%\%NAME%\*.jar") do set "CP=!CP!%%~j;"
for %%j in ("%HOME_DIR%\app\target\lib\*.jar") do (
    set "JAR=%%~nj"
    if /i not "!JAR:~0,7!"=="orrery-" set "CP=!CP!%%~j;"
)
set "HEAP=-XX:MaxRAMPercentage=40"
if defined ORRERY_HEAP set "HEAP=-Xmx%ORRERY_HEAP%"
set FLAGS=%HEAP% -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Djava.awt.headless=true "-Dorrery.home=%HOME_DIR%" -Dorrery.terminal=true %ORRERY_JAVA_OPTIONS%
exit /b 0

:maven
pushd "%HOME_DIR%"
set "JAVA_HOME=%JDK%"
if defined ORRERY_PROFILE (set "PROFILE=-P%ORRERY_PROFILE%") else set "PROFILE="
call mvnw.cmd %PROFILE% %*
set "RC=%ERRORLEVEL%"
popd
exit /b %RC%

rem --- Tests -----------------------------------------------------------------------------------

:tests
set "GOLDENS="
set "TAGS=slow"
:options
if "%~1"=="" goto :run_tests
if "%~1"=="--slow" (
    set "TAGS="
    shift
    goto :options
)
if "%~1"=="--goldens" (
    set "GOLDENS=%~f2"
    shift
    shift
    goto :options
)
echo orrery: orrery test has no option %~1; known: --goldens DIR, --slow 1>&2
exit /b 2

:run_tests
for /d %%m in ("%HOME_DIR%\*") do if exist "%%~m\target\surefire-reports" rmdir /s /q "%%~m\target\surefire-reports"
call :maven verify -Dmaven.test.failure.ignore=true "-Dorrery.goldens=%GOLDENS%" "-DexcludedTags=%TAGS%" || exit /b 3
"%JDK%\bin\java.exe" "%HOME_DIR%\.ci\TestCounts.java" "%HOME_DIR%"
exit /b %ERRORLEVEL%
